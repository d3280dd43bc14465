import { withoutKey } from '../../../nodes/Userpilot/api/withoutKey';

/** With characters that JSON, URLs and HTML encode. */
const KEY = 'aB1+/="quoted"&<x> \\~key';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const html = (text: string) =>
	text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;');
const perCharacter = (form: (code: number) => string) =>
	[...KEY].map((character) => form(character.charCodeAt(0))).join('');
const hex = (code: number) => code.toString(16).padStart(2, '0');

describe('withoutKey', () => {
	it.each([
		['as it is', KEY],
		['as JSON', JSON.stringify(KEY).slice(1, -1)],
		['as JSON within JSON', JSON.stringify(JSON.stringify(KEY)).slice(3, -3)],
		['as JSON with escaped slashes', JSON.stringify(KEY).slice(1, -1).replaceAll('/', '\\/')],
		['as JSON with escaped signs', perCharacter((code) => `\\u00${hex(code)}`)],
		['in a URL', encodeURIComponent(KEY)],
		['in a URL, in small letters', encodeURIComponent(KEY).toLowerCase()],
		['in a URL, all of it', perCharacter((code) => `%${hex(code)}`)],
		['in a URL within a URL', encodeURIComponent(encodeURIComponent(KEY))],
		['in a form', new URLSearchParams({ key: KEY }).toString().slice('key='.length)],
		['in HTML', html(KEY)],
		['in HTML, by numbers', perCharacter((code) => `&#${code};`)],
		['in HTML, by hexadecimal numbers', perCharacter((code) => `&#x${hex(code)};`)],
	])('removes a key %s', (_, form) => {
		expect(withoutKey(`before ${form} after`, [KEY])).toBe('before *** after');
	});

	it.each([
		['the key', KEY],
		['the header', `Token ${KEY}`],
		['JSON with it', JSON.stringify({ k: 'x' }) + KEY],
		['one letter and it', `x${KEY}y`],
		['two letters and it', `xy${KEY}yz`],
	])('removes a key from base64 of %s', (_, text) => {
		for (const form of [base64(text), Buffer.from(text).toString('base64url')]) {
			const shown = withoutKey(`before ${form} after`, [KEY]);
			expect(shown).toContain('***');
			expect(Buffer.from(shown, 'base64').toString()).not.toContain(KEY.slice(2, 6));
			expect(shown.length).toBeLessThan(`before ${form} after`.length - KEY.length);
		}
	});

	it('keeps text that only looks like the key', () => {
		const text = 'aB1 "quoted" key %61B1 QUIx';
		expect(withoutKey(text, [KEY])).toBe(text);
	});

	it('takes time in proportion to the length of the text', () => {
		for (const piece of ['\\', '%25', '&#0', 'a', '%61', '\\u00']) {
			const started = performance.now();
			withoutKey(piece.repeat(1_000_000), ['a'.repeat(40) + KEY]);
			expect(performance.now() - started).toBeLessThan(5_000);
		}
	});
});
