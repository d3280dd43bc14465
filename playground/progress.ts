const REFRESH_MS = 500;
/** Without a terminal, as in a CI log, print a line now and then. */
const LOG_INTERVAL_MS = 15_000;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

export interface Step {
	/** Shows what the step is doing, beside the elapsed time. */
	detail(text: string): void;
}

/** `75_000` → `1 min 15 s`. */
export function elapsed(milliseconds: number): string {
	const seconds = Math.round(milliseconds / 1000);
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Runs one step and shows it as one line: a spinner while it runs, a tick and the duration when it is
 * done, a cross when it throws.
 */
export async function showStep<T>(title: string, run: (step: Step) => Promise<T>): Promise<T> {
	const startedAt = Date.now();
	let detail = '';
	const line = () =>
		`${title} · ${elapsed(Date.now() - startedAt)}${detail === '' ? '' : ` · ${detail}`}`;
	const timer = process.stdout.isTTY
		? setInterval(() => redraw(`${frame(startedAt)} ${line()}`), REFRESH_MS)
		: setInterval(() => console.log(`  … ${line()}`), LOG_INTERVAL_MS);
	try {
		const result = await run({ detail: (text) => (detail = text) });
		redraw(`✔ ${title} · ${elapsed(Date.now() - startedAt)}\n`);
		return result;
	} catch (error) {
		redraw(`✖ ${title} · ${elapsed(Date.now() - startedAt)}\n`);
		throw error;
	} finally {
		clearInterval(timer);
	}
}

function frame(startedAt: number): string {
	return SPINNER[Math.floor((Date.now() - startedAt) / REFRESH_MS) % SPINNER.length] ?? '';
}

function redraw(text: string): void {
	if (!process.stdout.isTTY) {
		process.stdout.write(text);
		return;
	}
	// A line that wraps would leave its first half behind at the next redraw.
	const width = process.stdout.columns || 80;
	const end = text.endsWith('\n') ? '\n' : '';
	process.stdout.write(`\r\u001b[2K${text.trimEnd().slice(0, width - 1)}${end}`);
}
