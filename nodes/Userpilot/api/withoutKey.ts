const NAMED_ENTITIES: Record<string, string> = {
	'"': 'quot',
	'&': 'amp',
	"'": 'apos',
	'<': 'lt',
	'>': 'gt',
};

/** Below it, what base64 makes of a part of a key occurs in any text. */
const MIN_BASE64_LENGTH = 6;

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** A character of a key as it stands, and as it is written in JSON, URLs and HTML. */
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

/** What base64 makes of a key that stands anywhere in a text, but for the characters it shares with its neighbors. */
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

/** A text without the key, also where a server says it back encoded. */
export const withoutKey = (text: string, secrets: readonly string[]): string =>
	secrets.reduce((shown, key) => {
		const forms = [[...key].map(characterForms).join(''), ...base64Forms(key)];
		return shown.replace(new RegExp(forms.join('|'), 'gi'), '***');
	}, text);
