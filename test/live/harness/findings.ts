/** What the scenarios found: each check is a line, numbers stand in it. */
export class Findings {
	passed = 0;
	failed = 0;
	/** What was printed: a promise with its numbers, or a note. */
	readonly lines: Array<{ promise?: string; text: string }> = [];

	/** A promise that was kept, or not; `detail` says with what numbers. */
	check(promise: string, isKept: boolean, detail = ''): void {
		if (isKept) this.passed++;
		else this.failed++;
		this.lines.push({ promise: `${isKept ? '' : '**not** '}${promise}`, text: detail });
		console.log(`  ${isKept ? '✔' : '✖'} ${promise}${detail && ` · ${detail}`}`);
	}

	/** The same for two values that must be equal. */
	equal(promise: string, actual: unknown, expected: unknown): void {
		const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
		this.check(promise, is === should, is === should ? '' : `${is} instead of ${should}`);
	}

	note(text: string): void {
		this.lines.push({ text });
		console.log(`    ${text}`);
	}
}
