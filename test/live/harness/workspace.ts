import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';

import { buildPackage } from '../../../playground/community-package.ts';
import { PROJECT } from '../../../playground/paths.ts';
import { temporaryFolder } from './ending.ts';

/** Below node_modules, so that a program which is bundled there finds n8n-core and the others. */
const CACHE = path.join(PROJECT, 'node_modules', '.cache');

/** The folders of one run of a benchmark. */
export interface Workspace {
	/** A copy of the built package, so that another build does not remove it meanwhile. */
	readonly dist: string;
	/** Where the measured program is bundled to. */
	readonly programs: string;
	/** A folder for data, which is made if it is not there. */
	folder(name: string): string;
	clear(name: string): void;
	/** The file that a process writes its output to. */
	log(name: string): string;
}

/** Builds the package. All folders are removed when this program ends. */
export async function createWorkspace(): Promise<Workspace> {
	await buildPackage();
	mkdirSync(CACHE, { recursive: true });
	const programs = mkdtempSync(path.join(CACHE, 'userpilot-bench-'));
	process.on('exit', () => rmSync(programs, { recursive: true, force: true }));
	const data = temporaryFolder('bench');
	const dist = path.join(programs, 'dist');
	cpSync(path.join(PROJECT, 'dist'), dist, { recursive: true });
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
	};
}
