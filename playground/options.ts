import { readArguments } from './arguments.ts';
import { Failure } from './failure.ts';

export interface Options {
	/** End after the table instead of keeping n8n up. */
	once: boolean;
	/** The editor's port; undefined: 5678, or another one where that is taken. */
	port: number | undefined;
}

export const USAGE =
	'npm start -- [--once] [--port <number>]\n\n  --once   end after the table of files\n  --port   port of the editor (5678)\n\nWith USERPILOT_API_KEY (and USERPILOT_BASE_URL) set, the real API is used instead of the emulator.';

/** @throws Failure for an option that there is not */
export function readOptions(args: string[]): Options {
	const values = readArguments(
		args,
		{ once: { type: 'boolean' }, port: { type: 'string' } },
		USAGE,
	);
	const port = values.port === undefined ? undefined : Number(values.port);
	if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
		throw new Failure(`--port takes a number from 1 to 65535, not "${values.port}".`);
	}
	return { once: values.once === true, port };
}
