import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';

import { SOURCES } from '../../playground/community-package.ts';

/**
 * Builds the package again, in a folder of another name, and packs it.
 *
 * @returns the path of its tarball
 */
export function buildElsewhere(project: string, folder: string): string {
	mkdirSync(folder);
	for (const source of SOURCES) {
		cpSync(path.join(project, source), path.join(folder, source), { recursive: true });
	}
	symlinkSync(path.join(project, 'node_modules'), path.join(folder, 'node_modules'));
	execFileSync(process.execPath, [path.join('node_modules', 'gulp', 'bin', 'gulp.js'), 'emit'], {
		cwd: folder,
		stdio: 'pipe',
	});
	return pack(folder, folder);
}

/** Packs a built project. Returns the path of the tarball. */
export function pack(project: string, destination: string): string {
	const output = execFileSync(
		'npm',
		['pack', '--json', '--ignore-scripts', '--pack-destination', destination],
		{ cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
	);
	const [{ filename }] = JSON.parse(output) as [{ filename: string }];
	return path.join(destination, filename);
}

export function sha256(file: string): string {
	return createHash('sha256').update(readFileSync(file)).digest('hex');
}
