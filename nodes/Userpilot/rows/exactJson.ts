import type { IDataObject } from 'n8n-workflow';

/** Each double has a decimal of its own in so many digits. */
const MAX_DIGITS_OF_DOUBLE = 17;
/** What a number that is not written as a whole one has. A pattern for all of it can overflow V8's stack. */
const FRACTION_OR_EXPONENT = /[.eE]/;
const CHARACTER = '[\\d.eE+-]';
/**
 * A number of fewer than 16 characters has at most 15 digits, and a double holds any 15. Spelled out,
 * because V8 takes several times as long to find {16}, and {16,} overflows its stack on long numbers.
 */
const LONG = CHARACTER.repeat(16);
const LONG_NUMBERS = new RegExp(`${LONG}${CHARACTER}*`, 'g');
/** The same where JSON has a value. It looks back at once, because long runs would take forever otherwise. */
const LONG_VALUES = new RegExp(`${LONG}(?<=[[:,]\\s*${LONG})${CHARACTER}*(?=\\s*[,}\\]])`, 'g');

/** Without a pattern, which would start over at each zero of a long run. */
function withoutTrailingZeros(digits: string): string {
	let end = digits.length;
	while (digits[end - 1] === '0') end--;
	return digits.slice(0, end);
}

/** A number's significant digits, and the power of ten by which they are multiplied. */
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
 * print. A whole number may be an id, which must not turn into its neighbor: it is exact only in the
 * range in which every whole number is.
 */
function isExact(number: string): boolean {
	const value = Number(number);
	const shortest = String(value);
	if (shortest === number && !Number.isInteger(value)) return true;
	if (!FRACTION_OR_EXPONENT.test(number)) return Number.isSafeInteger(value);
	const decimal = decimalOf(number);
	return (
		decimal === decimalOf(shortest) ||
		decimal === decimalOf(value.toPrecision(MAX_DIGITS_OF_DOUBLE))
	);
}

function isNumber(token: string): boolean {
	try {
		return typeof JSON.parse(token) === 'number';
	} catch {
		return false;
	}
}

/** Quotes a number that no double prints as. */
const quoteInexact = (token: string) => (!isExact(token) && isNumber(token) ? `"${token}"` : token);

/**
 * Quotes those numbers in JSON, or in lines of it, that no double prints as. It may also quote what only
 * looks like one, inside a string. Then the result is not JSON any more, because a digit comes right
 * after a quote.
 */
export const quoteLongNumbers = (json: string): string => json.replace(LONG_VALUES, quoteInexact);

/** The index after the string whose opening quote is at `start`. */
function endOfString(json: string, start: number): number {
	let at = start + 1;
	while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
	return at + 1;
}

function quoteOutsideStrings(json: string): string {
	let quoted = '';
	for (let at = 0; at < json.length; ) {
		const quote = json.indexOf('"', at);
		const start = quote < 0 ? json.length : quote;
		const end = endOfString(json, start);
		quoted += json.slice(at, start).replace(LONG_NUMBERS, quoteInexact) + json.slice(start, end);
		at = end;
	}
	return quoted;
}

/**
 * Parses JSON without losing digits: a number that no double prints as becomes text, such as a decimal
 * of 20 digits, or a whole number above 2^53. (A number of fewer than 16 characters has 15 digits at
 * most; one like 1e999 becomes what JSON.parse makes of it.)
 *
 * @param quoted the result of quoteLongNumbers: for many texts it is faster to quote all at once
 * @throws {SyntaxError} when it is not JSON
 */
export function parseExactly(json: string, quoted = quoteLongNumbers(json)): unknown {
	try {
		return JSON.parse(quoted);
	} catch {
		// Either it is not JSON, as this tells, or something in a string was quoted.
		JSON.parse(json);
	}
	return JSON.parse(quoteOutsideStrings(json));
}

export const isJsonObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
