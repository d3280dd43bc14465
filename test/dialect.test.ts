import { textsOfCode, textsOfFiles } from './support/texts';

/** Phrases that CONTRIBUTING.md replaces with plain words. */
const PHRASES = [
	...['ask Userpilot', 'ask whoever', 'whoever runs', 'the fault is', 'if it stays so'],
	...['mostly passes', 'broke off', 'breaks? off', 'swallows?', 'trickles?', 'in the making'],
	...['takes? up again', 'taken up', 'took up', 'anew', 'at home there', 'do(es)? no harm'],
	...[
		'came out',
		'what came of it',
		'comes of it',
		'wish(es)?',
		'gives? nothing',
		'gives? no rows?',
	],
	...['was given out of it', 'holds nothing back', 'held back', 'leads nowhere', 'no look at'],
	...['nothing is lost of', 'goes on without us', 'time is up', 'unless told', 'says? back'],
	...['bad rows?', 'object a line', 'file without a row', 'rows of 1 file'],
	...['empty answer', 'this call holds', 'refuses every call'],
	...['recognised', 'licences?', 'colour', 'behaviour'],
];
/** Names in the editor that have changed. */
const OLD_NAMES = [
	...['Create and Wait', 'When Another Export Is Running', 'Use the Running One', 'Wait for It'],
	...['On Bad Row', 'When Time Is Up', 'Custom Event Types'],
];

/** CONTRIBUTING.md names the old words in the last column of its glossary. */
const withoutOldWords = (text: string) =>
	text.includes('do not use') ? text.replace(/^(\|.*\|)[^|]+\|$/gm, '$1') : text;

const texts = [...textsOfCode(), ...textsOfFiles()];

it.each([
	['plain words', PHRASES, 'gi'],
	['the names in the editor', OLD_NAMES, 'g'],
])('texts for users are in %s', (_, phrases, flags) => {
	expect(texts.length).toBeGreaterThan(500);
	const any = new RegExp(`.{0,40}\\b(${phrases.join('|')})\\b.{0,40}`, flags);
	const found = texts.flatMap(({ file, text }) =>
		[...withoutOldWords(text).matchAll(any)].map(([match]) => `${file}: ${match}`),
	);
	expect(found).toEqual([]);
});
