import { readArguments } from './arguments.ts';
import { Failure } from './failure.ts';

export interface Options {
	/** Stop after the demo instead of keeping n8n running. */
	once: boolean;
	/** The editor's port; undefined: 5678, or another one if that is in use. */
	port: number | undefined;
}

export const USAGE =
	'npm start -- [--once] [--port <number>]\n\n  --once   stop after the demo\n  --port   port of the editor (default: 5678)\n\nSet USERPILOT_API_KEY (and USERPILOT_BASE_URL) to use the real API instead of the emulator.';

/** @throws Failure for an unknown option and for an invalid port */
export function readOptions(args: string[]): Options {
	const values = readArguments(
		args,
		{ once: { type: 'boolean' }, port: { type: 'string' } },
		USAGE,
	);
	const port = values.port === undefined ? undefined : Number(values.port);
	if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
		throw new Failure(`--port must be a number from 1 to 65535, not "${values.port}".`);
	}
	return { once: values.once === true, port };
}
