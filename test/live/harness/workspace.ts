import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Failure } from '../../../playground/failure.ts';

/** This folder. */
export const BENCH = path.dirname(fileURLToPath(import.meta.url));
export const PROJECT = path.dirname(path.dirname(BENCH));

/** Below node_modules, so that what is bundled there finds n8n-core and the others. */
const CACHE = path.join(PROJECT, 'node_modules', '.cache');

/** The folders of one run of the benchmark. */
export interface Workspace {
	/** A copy of the built package, so that a build meanwhile does not pull it away. */
	readonly dist: string;
	/** Where the measured program is bundled to. */
	readonly programs: string;
	/** A new or known folder for data. */
	folder(name: string): string;
	clear(name: string): void;
	/** The file that a process writes its output to. */
	log(name: string): string;
	remove(): void;
}

/** @throws Failure when the package has not been built */
export function createWorkspace(): Workspace {
	const built = path.join(PROJECT, 'dist');
	if (!existsSync(path.join(built, 'nodes'))) {
		throw new Failure('There is no built package. Run npm run bench, which builds it first.');
	}
	mkdirSync(CACHE, { recursive: true });
	const programs = mkdtempSync(path.join(CACHE, 'userpilot-bench-'));
	const data = mkdtempSync(path.join(tmpdir(), 'userpilot-bench-'));
	const dist = path.join(programs, 'dist');
	cpSync(built, dist, { recursive: true });
	const folder = (name: string) => {
		const location = path.join(data, name);
		mkdirSync(location, { recursive: true });
		return location;
	};
	return {
		dist,
		programs,
		folder,
		log: (name) => path.join(folder('logs'), `${name}.log`),
		clear: (name) => rmSync(path.join(data, name), { recursive: true, force: true }),
		remove() {
			for (const location of [programs, data]) rmSync(location, { recursive: true, force: true });
		},
	};
}
