const NAMED_ENTITIES: Record<string, string> = {
	'"': 'quot',
	'&': 'amp',
	"'": 'apos',
	'<': 'lt',
	'>': 'gt',
};

/** The base64 form of a shorter part of a key occurs in any text. */
const MIN_BASE64_LENGTH = 6;

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** A pattern for a character of a key: plain, or as JSON, URLs and HTML write it. */
function characterForms(character: string): string {
	const code = character.charCodeAt(0);
	const hex = code.toString(16).padStart(2, '0');
	const entity = NAMED_ENTITIES[character];
	return `(?:${[
		`\\\\{0,8}${escaped(character)}`,
		`\\\\{1,8}u00${hex}`,
		`%(?:25){0,4}${hex}`,
		`&#(?:0{0,6}${code}|x0{0,6}${hex});`,
		...(entity ? [`&${entity};`] : []),
		...(character === ' ' ? ['\\+'] : []),
	].join('|')})`;
}

/** Patterns for a key within a text in base64, without the characters that it shares with its neighbors. */
const base64Forms = (key: string): string[] =>
	[0, 1, 2]
		.map((shift) =>
			Buffer.from(' '.repeat(shift) + key)
				.toString('base64')
				.slice([0, 2, 3][shift], Math.floor(((shift + key.length) * 4) / 3)),
		)
		.filter(({ length }) => length >= MIN_BASE64_LENGTH)
		.map(
			(form) =>
				`${escaped(form).replace(/\\\+/g, '[-+]').replace(/\\\//g, '[/_]')}(?:[\\w+/-]?={1,2})?`,
		);

/** A text without the key, even where a server repeats it in an encoded form. */
export const withoutKey = (text: string, secrets: readonly string[]): string =>
	secrets.reduce((shown, key) => {
		const forms = [[...key].map(characterForms).join(''), ...base64Forms(key)];
		return shown.replace(new RegExp(forms.join('|'), 'gi'), '***');
	}, text);
