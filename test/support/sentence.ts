/** JavaScript's own messages, for cases that nobody has thought of. */
const NOT_OURS =
	/is not a function|is not iterable|Cannot (read|convert|mix)|undefined|\[object|Maximum call stack|URI malformed|Invalid string length|out of memory|toISOString/;

/** Our messages, and n8n's own for expressions and required fields. */
const KINDS = /^(Node(Api|Operation)|Expression(Extension)?|WorkflowHasIssues)Error$/;

/** An error that a person can read. */
export function expectSentence(error: Error): void {
	expect(error.name).toMatch(KINDS);
	expect(error.message).toMatch(/\p{L}{2,} \p{L}+/u);
	expect(error.message).not.toMatch(NOT_OURS);
}
