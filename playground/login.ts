import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Login } from './rest.ts';

/** The owner's login to the n8n in this data folder, created at the first start and then reused. */
export function ownerLogin(dataFolder: string): Login {
	const file = path.join(dataFolder, 'login.json');
	if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Login;
	const login = {
		email: 'owner@playground.example',
		// n8n requires a capital letter and a digit.
		password: `Pg1-${randomBytes(6).toString('hex')}`,
	};
	writeFileSync(file, JSON.stringify(login), { mode: 0o600 });
	return login;
}
