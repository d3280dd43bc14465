import { describeBody, apiMessageOf } from '../../../nodes/Userpilot/api/response';
import { promptly } from '../../support/promptly';

describe('describeBody', () => {
	it.each([
		['<html><title>\n Bad \n Gateway\n</title></html>', 'an HTML page ("Bad \n Gateway")'],
		['<html><TITLE lang="en">x</TITLE></html>', 'an HTML page ("x")'],
		['<html><title></title></html>', 'an HTML page'],
		['<html><title>never closed', 'an HTML page'],
	])('describes %j', (text, expected) => expect(describeBody(text)).toBe(expected));

	it.each([
		['a title that is nothing but space, and never closed', `<html><title>${' '.repeat(50_000)}x`],
		['titles that never end', `<html>${'<title'.repeat(50_000)}`],
	])('is fast for %s', (_, text) => {
		expect(promptly(() => describeBody(text))).toMatch(/^an HTML page/);
	});
});

describe('apiMessageOf', () => {
	it.each([
		['arrays', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
		['objects', `${'{"error":'.repeat(100_000)}"x"${'}'.repeat(100_000)}`],
	])('gives up on %s', (_, json) => {
		expect(apiMessageOf(JSON.parse(json))).toBeUndefined();
	});
});
