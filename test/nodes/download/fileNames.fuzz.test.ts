import { posix, win32 } from 'node:path';
import fc from 'fast-check';

import { matchesName, safeName } from '../../../nodes/Userpilot/download/fileNames';
import { FUZZ_TIMEOUT_MS, fuzzOptions } from '../../support/fuzz';

const anyText = fc.string({ unit: 'binary', maxLength: 400 });
const parts = [
	'..',
	'.',
	'/',
	'\\',
	' ',
	'CON',
	'nul',
	'a',
	'.gz',
	'.json',
	':',
	'\0',
	'\u202e',
	'é',
];
const nasty = fc.array(fc.constantFrom(...parts), { maxLength: 300 }).map((list) => list.join(''));
const names = fc.oneof(anyText, nasty);

describe('the name of a file, whatever the API calls it', () => {
	it(
		'leads to no other folder, and every file system takes it',
		() => {
			fc.assert(
				fc.property(names, (called) => {
					const name = safeName(called);
					expect(name).not.toBe('');
					expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
					for (const { basename, resolve, sep } of [posix, win32]) {
						expect(basename(name)).toBe(name);
						expect(resolve(`${sep}folder`, name)).toBe(resolve(`${sep}folder`) + sep + name);
					}
					expect(name).not.toMatch(
						/[\p{Cc}\p{Cf}<>:"|?*]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu,
					);
					expect(Buffer.from(name).toString()).toBe(name);
					expect(safeName(name)).toBe(name);
				}),
				fuzzOptions(5_000),
			);
		},
		FUZZ_TIMEOUT_MS,
	);

	it(
		'matches a pattern exactly when a regular expression does',
		() => {
			const few = (unit: string[], maxLength: number) =>
				fc.string({ unit: fc.constantFrom(...unit), maxLength });
			fc.assert(
				fc.property(few(['a', 'b', '.'], 8), few(['a', 'b', '.', '*'], 6), (name, pattern) => {
					const slowly = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
					expect(matchesName(name, [pattern])).toBe(slowly.test(name));
				}),
				fuzzOptions(10_000),
			);
		},
		FUZZ_TIMEOUT_MS,
	);
});
