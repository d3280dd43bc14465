/** What the scenarios found: each check is a line, numbers stand in it. */
export class Findings {
	passed = 0;
	failed = 0;

	/** A promise that was kept, or not; `detail` says with what numbers. */
	check(promise: string, isKept: boolean, detail = ''): void {
		if (isKept) this.passed++;
		else this.failed++;
		console.log(`  ${isKept ? '✔' : '✖'} ${promise}${detail && ` · ${detail}`}`);
	}

	/** The same for two values that must be equal. */
	equal(promise: string, actual: unknown, expected: unknown): void {
		const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
		this.check(promise, is === should, is === should ? '' : `${is} instead of ${should}`);
	}

	note(text: string): void {
		console.log(`    ${text}`);
	}
}
