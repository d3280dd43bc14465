/** What the language says when nobody has thought of a case. */
const NOT_OURS =
	/is not a function|is not iterable|Cannot (read|convert|mix)|undefined|\[object|Maximum call stack|URI malformed|Invalid string length|out of memory|toISOString/;

/** Ours, and what n8n itself says of an expression or of a required field. */
const KINDS = /^(Node(Api|Operation)|Expression(Extension)?|WorkflowHasIssues)Error$/;

/** An error that a person can read. */
export function expectSentence(error: Error): void {
	expect(error.name).toMatch(KINDS);
	expect(error.message).toMatch(/\p{L}{2,} \p{L}+/u);
	expect(error.message).not.toMatch(NOT_OURS);
}
