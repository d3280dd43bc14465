import { fixtures } from '../fixtures/api';

/** A copy of the body of an example response from the API's documents. */
export function fixture<T = Record<string, unknown>>(file: string): T {
	const found = fixtures.find((candidate) => candidate.file === `${file}.json`);
	if (!found) throw new Error(`There is no fixture ${file}.json`);
	return structuredClone(found.body) as T;
}
