import { useBinaryStore } from '../support/binaryStore';
import { useEmulator } from '../support/emulator';
import { Bench } from './cell';
import { apiFaults, fileFaults } from './faults';
import { usePlaces } from './places';
import { lookupWays, ways } from './ways';

const userpilot = useEmulator({ jobSeconds: 3, rowsPerDay: 20, counts: { segments: 3, events_properties: 3 } });
const store = useBinaryStore();
const places = usePlaces();
const bench = () => new Bench(userpilot, store, places);

it('x', async () => {
	const b = bench();
	const t: Record<string, number> = {};
	const targets = [
		{ name: 'getAll', way: ways.getAll, call: 'listJobs' },
		{ name: 'create', way: ways.create, call: 'createExport' },
		{ name: 'wait', way: ways.wait, call: 'getJob' },
		{ name: 'cAW', way: ways.createAndWait, call: 'getJob' },
		{ name: 'trigger', way: ways.trigger, call: 'getJob' },
		{ name: 'banners', way: lookupWays[0]!.way, call: lookupWays[0]!.call },
	];
	for (const target of targets)
		for (const fault of apiFaults)
			for (const mode of ['once', 'always'] as const) {
				if (mode === 'once' && !fault.strike) continue;
				const begun = performance.now();
				const cell = await b.cell(target, fault, mode).catch((e) => e);
				t[target.name] = (t[target.name] ?? 0) + performance.now() - begun;
				process.stdout.write(`${target.name} | ${fault.name} ${mode} | ${cell.reads ?? cell} | ${cell.data} | ${Math.round(performance.now() - begun)}\n`);
			}
	console.log(t);
}, 300_000);

it('y', async () => {
	const b = bench();
	let t = 0;
	for (const way of [ways.download, ways.downloadFiles, ways.createAndWait])
		for (const fault of fileFaults)
			for (const mode of ['once', 'always'] as const) {
				if (mode === 'once' && (!fault.strike || fault.lasts)) continue;
				const begun = performance.now();
				const cell = await b.cell({ name: '', way, call: 'file' }, fault, mode).catch((e) => e);
				t += performance.now() - begun;
				process.stdout.write(`${way.name} | ${fault.name} ${mode} | ${cell.reads ?? cell} | ${cell.data} | ${Math.round(performance.now() - begun)}\n`);
			}
	console.log(t);
}, 300_000);
