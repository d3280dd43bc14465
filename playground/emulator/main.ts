import { parseArgs } from 'node:util';
import type { Fault } from './faults.ts';
import { createEmulator, type EmulatorOptions } from './server.ts';
import { defaultSettings } from './settings.ts';

const kebab = (name: string): string =>
	name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Flags that are repeated, one for each entry, and so are named in the singular. */
const FLAG_NAMES: Record<string, string> = {
	apiKeys: 'api-key',
	planlessKeys: 'planless-key',
	counts: 'count',
};

const flagOf = (setting: string): string => FLAG_NAMES[setting] ?? kebab(setting);

const DEFAULTS: Record<string, unknown> = { ...defaultSettings() };

const USAGE = `An emulator of the Userpilot Analytics Export API.

  node playground/emulator/main.ts [flags]

  --port <n>  --files-port <n>   ports on 127.0.0.1 (default: any free port)
  --fault <json>                 a fault, repeatable
  --count <lookup>=<n>           number of records in a lookup, repeatable
  --json-ready                   print only the JSON line
${Object.entries(DEFAULTS)
	.filter(([name]) => name !== 'counts')
	.map(([name, value]) => `  --${flagOf(name)} (${String(value)})`)
	.join('\n')}

See README.md beside this file for what each does. Use --no-<flag> to turn a switch off.`;

/** Converts a flag's text to the type of its setting. */
function valueOf(setting: string, text: string | boolean | (string | boolean)[]): unknown {
	const model = DEFAULTS[setting];
	if (setting === 'counts') {
		const pairs = (text as string[]).map((pair) => pair.split('='));
		return Object.fromEntries(pairs.map(([name, count]) => [name, Number(count)]));
	}
	return typeof model === 'number' ? Number(text) : text;
}

function readOptions(args: string[]): {
	options: EmulatorOptions;
	isQuiet: boolean;
	help: boolean;
} {
	const flags = Object.entries(DEFAULTS).map(([name, model]) => [
		flagOf(name),
		{
			type: typeof model === 'boolean' ? 'boolean' : 'string',
			multiple: typeof model === 'object',
		},
	]);
	const { values } = parseArgs({
		args,
		allowNegative: true,
		options: {
			...(Object.fromEntries(flags) as Record<string, { type: 'string' }>),
			port: { type: 'string', default: '0' },
			'files-port': { type: 'string', default: '0' },
			fault: { type: 'string', multiple: true, default: [] },
			'json-ready': { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	const given = values as Record<string, string | boolean | string[] | undefined>;
	const settings = Object.keys(DEFAULTS)
		.map((name) => [name, given[flagOf(name)]] as const)
		.flatMap(([name, text]) => (text === undefined ? [] : [[name, valueOf(name, text)]]));
	const faults = values.fault.map((text) => JSON.parse(text) as Fault);
	const ports = { port: Number(values.port), filesPort: Number(values['files-port']) };
	const options = { ...Object.fromEntries(settings), ...ports, faults } as EmulatorOptions;
	return { options, isQuiet: values['json-ready'], help: values.help };
}

async function main(): Promise<void> {
	const { options, isQuiet, help } = readOptions(process.argv.slice(2));
	if (help) return void console.log(USAGE);
	const { apiUrl, filesUrl, control, close } = await createEmulator(options);
	console.log(JSON.stringify({ apiUrl, filesUrl }));
	if (!isQuiet)
		console.error(
			`Base URL ${apiUrl}, API key ${control.settings().apiKeys.join(' or ')}. Press Ctrl-C to stop.`,
		);
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => void close().then(() => process.exit(0)));
	}
}

main().catch((error: Error) => {
	console.error(`${error.message}\nSee --help.`);
	process.exitCode = 1;
});
