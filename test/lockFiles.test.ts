import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Package {
	resolved?: string;
	integrity?: string;
	dependencies?: Record<string, string>;
	optionalDependencies?: Record<string, string>;
}

const packagesOf = (file: string): Record<string, Package> =>
	(
		JSON.parse(readFileSync(join(__dirname, '..', file), 'utf8')) as {
			packages: Record<string, Package>;
		}
	).packages;

/** The folders in which Node looks for what the package in `folder` depends on, nearest first. */
function foldersFrom(folder: string): string[] {
	const parent = folder.lastIndexOf('node_modules/');
	return parent < 0 ? [''] : [`${folder}/`, ...foldersFrom(folder.slice(0, parent).slice(0, -1))];
}

describe.each(['package-lock.json', 'playground/package-lock.json'])('%s', (file) => {
	const packages = packagesOf(file);

	// npm drops the optional packages of other systems when it writes a lock file beside a full
	// node_modules: then macOS and Windows get another tree, and npm install changes the file.
	it('names every dependency, those of other systems too', () => {
		const missing = Object.entries(packages).flatMap(([folder, entry]) =>
			Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
				.filter((name) =>
					foldersFrom(folder).every((parent) => !packages[`${parent}node_modules/${name}`]),
				)
				.map((name) => `${name} of ${folder}`),
		);
		expect(missing).toEqual([]);
	});

	it('pins every package by its content, and names no registry', () => {
		const entries = Object.entries(packages).filter(([folder]) => folder !== '');
		expect(entries.filter(([, { integrity }]) => !integrity)).toEqual([]);
		expect(entries.filter(([, { resolved }]) => resolved)).toEqual([]);
	});
});
