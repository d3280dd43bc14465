/** What a program found: a line for each check, with its numbers. */
export class Findings {
	passed = 0;
	failed = 0;
	/** Each check, or a note, which has no promise. */
	readonly lines: Array<{ promise?: string; text: string }> = [];

	private readonly print: (line: string) => void;

	constructor(print: (line: string) => void = console.log) {
		this.print = print;
	}

	/** A promise that holds, or does not; `detail` gives the numbers. */
	check(promise: string, holds: boolean, detail = ''): void {
		if (holds) this.passed++;
		else this.failed++;
		this.lines.push({ promise: `${holds ? '' : '**not** '}${promise}`, text: detail });
		this.print(`  ${holds ? '✔' : '✖'} ${promise}${detail && ` · ${detail}`}`);
	}

	/** A promise that two values are equal. */
	equal(promise: string, actual: unknown, expected: unknown): void {
		const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
		this.check(promise, is === should, is === should ? '' : `${is} instead of ${should}`);
	}

	note(text: string): void {
		this.lines.push({ text });
		this.print(`    ${text}`);
	}
}
