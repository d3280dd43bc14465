import type { IDataObject } from 'n8n-workflow';

/** A number in fewer characters has at most 15 digits, and a double holds any 15. */
const LONG = 16;
/** In so many digits each double has a decimal of its own. */
const ENOUGH_DIGITS = 17;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WHOLE_NUMBER = /^-?\d+$/;
const LONG_NUMBERS = /[\d.eE+-]{16,}/g;

/** By character code, 1 where a number may hold it. */
const IS_OF_NUMBER = new Uint8Array(128);
for (const character of '0123456789.eE+-') IS_OF_NUMBER[character.charCodeAt(0)] = 1;

const SPACE = 0x20;
const BEFORE_VALUE: unknown[] = ['[', ':', ','];
const BEHIND_VALUE: unknown[] = [',', '}', ']'];

/** By hand: to find the end of each run of zeros, a pattern would begin anew at each of them. */
function withoutTrailingZeros(digits: string): string {
	let end = digits.length;
	while (digits[end - 1] === '0') end--;
	return digits.slice(0, end);
}

/** A number's significant digits, and the power of ten that they are multiplied by. */
function decimalOf(number: string): string {
	const [mantissa = '', exponent = '0'] = number.replace(/^-/, '').split(/e/i);
	const [whole = '', fraction = ''] = mantissa.split('.');
	const digits = (whole + fraction).replace(/^0+/, '');
	const significant = withoutTrailingZeros(digits);
	if (significant === '') return '0';
	return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/**
 * Whether a double prints as this number: in its shortest form, or in the 17 digits that many writers
 * print of any double. A whole number may be an id, which must not become its neighbor: it is exact only
 * where every one around it is.
 */
function isExact(number: string): boolean {
	const value = Number(number);
	const shortest = String(value);
	if (shortest === number && !Number.isInteger(value)) return true;
	if (WHOLE_NUMBER.test(number)) return Number.isSafeInteger(value);
	const decimal = decimalOf(number);
	return decimal === decimalOf(shortest) || decimal === decimalOf(value.toPrecision(ENOUGH_DIGITS));
}

/** Whether it is a number that no double prints as. */
const isInexact = (token: string) => !isExact(token) && NUMBER.test(token);

/** Whether what is around there is what surrounds a value in JSON. */
function standsAsValue(json: string, start: number, end: number): boolean {
	let before = start - 1;
	while (json.charCodeAt(before) <= SPACE) before--;
	let behind = end;
	while (json.charCodeAt(behind) <= SPACE) behind++;
	return BEFORE_VALUE.includes(json[before]) && BEHIND_VALUE.includes(json[behind]);
}

/**
 * JSON, or lines of it, with those numbers as text that no double prints as. It may also quote
 * something in a text that looks like one; then it is no JSON any more, because a digit stands right
 * behind a quote. It looks at every 16th character only, because no long number lies between two of them.
 */
export function quoteLongNumbers(json: string): string {
	let quoted = '';
	let copied = 0;
	for (let at = LONG - 1; at < json.length; at += LONG) {
		if (!IS_OF_NUMBER[json.charCodeAt(at)]) continue;
		let start = at;
		while (start > 0 && IS_OF_NUMBER[json.charCodeAt(start - 1)]) start--;
		let end = at + 1;
		while (end < json.length && IS_OF_NUMBER[json.charCodeAt(end)]) end++;
		at = end;
		if (end - start < LONG) continue;
		const token = json.slice(start, end);
		if (!isInexact(token) || !standsAsValue(json, start, end)) continue;
		quoted += `${json.slice(copied, start)}"${token}"`;
		copied = end;
	}
	return copied === 0 ? json : quoted + json.slice(copied);
}

/** Behind the text whose opening quote stands there. */
function endOfText(json: string, start: number): number {
	let at = start + 1;
	while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
	return at + 1;
}

/** The same, slowly, for valid JSON with texts that look like numbers. */
function quoteOutsideTexts(json: string): string {
	let quoted = '';
	for (let at = 0; at < json.length; ) {
		const quote = json.indexOf('"', at);
		const start = quote < 0 ? json.length : quote;
		const end = endOfText(json, start);
		quoted += json
			.slice(at, start)
			.replace(LONG_NUMBERS, (token) => (isInexact(token) ? `"${token}"` : token));
		quoted += json.slice(start, end);
		at = end;
	}
	return quoted;
}

/**
 * Parses JSON without losing digits: a number that no double prints as comes as text, such as a decimal
 * of 20 digits, or any whole number above 2^53. (A number in fewer than 16 characters has no
 * more than 15 digits; one like 1e999 becomes what JSON.parse makes of it.)
 *
 * @param quoted for whoever has many: it takes less time to quote them all in one text
 * @throws {SyntaxError} when it is not JSON
 */
export function parseExactly(json: string, quoted = quoteLongNumbers(json)): unknown {
	try {
		return JSON.parse(quoted);
	} catch {
		// It is no JSON, as this tells; or none since something in a text was quoted.
		JSON.parse(json);
	}
	return JSON.parse(quoteOutsideTexts(json));
}

export const isJsonObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
