import { parseExactly } from '../rows/exactJson';

const SEPARATORS = /[,\n\v\f\r\u0085\u2028\u2029]/;

/** What pages and documents put into copied text, for line breaks and directions, and nobody sees. */
const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
/** Within a text they may join signs to one, such as those of an emoji. */
const OUTER_JOINERS = /^[\u200c\u200d]+|[\u200c\u200d]+$/g;

/** A pasted text without the blanks around it, also those that nobody sees. */
export const trimmed = (text: string): string =>
	text.replace(INVISIBLE, '').trim().replace(OUTER_JOINERS, '').trim();

/** The entries of a text that lists them; any other value as it is. */
export function splitList(value: unknown): unknown {
	if (typeof value === 'number') return [String(value)];
	if (typeof value !== 'string') return value;
	const text = trimmed(value);
	if (text.startsWith('[')) {
		try {
			return parseExactly(text);
		} catch {
			// Not a JSON array, so a list that happens to start with a bracket.
		}
	}
	return text.split(SEPARATORS);
}
