import { writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Findings } from '../harness/findings.ts';
import { DOCS, machine, markdownTable, n8nVersion } from '../harness/report.ts';
import { plot } from './plot.ts';
import type { Sample } from './samples.ts';
import { type Course, heapOf, residentOf } from './verdict.ts';

const MEGABYTE = 1e6;

interface Report {
	minutes: number;
	seed: number;
	findings: Findings;
	course: Course;
}

/** Writes docs/soak.md and docs/soak.svg. */
export function writeReport({ minutes, seed, findings, course }: Report): void {
	const megabytes = (points: ReturnType<typeof heapOf>) =>
		points.map(({ at, value }) => ({ at, value: value / MEGABYTE }));
	const line = (figure: (sample: Sample) => number) =>
		course.samples.map((sample) => ({ at: sample.at, value: figure(sample) }));
	const drawing = plot('n8n in the course of the soak', [
		{
			title: 'Memory, MB',
			lines: [
				{ name: 'resident', points: megabytes(residentOf(course)) },
				{ name: 'after a collection', points: megabytes(heapOf(course)) },
			],
		},
		{
			title: 'Open descriptors',
			lines: [
				{ name: 'all', points: line(({ descriptors }) => descriptors) },
				{ name: 'sockets', points: line(({ sockets }) => sockets) },
			],
		},
		{
			title: 'Jobs fired and exports ended',
			lines: [{ name: 'both', points: line(({ done }) => done) }],
		},
	]);
	writeFileSync(path.join(DOCS, 'soak.svg'), drawing);
	const rows = findings.lines.map(({ promise = '', text }) => [promise, text]);
	writeFileSync(
		path.join(DOCS, 'soak.md'),
		`# Soak

Written by \`npm run live -- soak --minutes ${minutes} --seed ${seed} --write\`.

A real n8n with 20 workflows, each with a Userpilot (the [emulator](../playground/emulator/README.md)) of its own. 10 have the Userpilot Trigger, which polls every 5 seconds and gets 1 to 3 new jobs at random moments. 10 export again and again, a few seconds apart: six as rows, flattened rows or CSV rows, two as files, two as file links. An export has 10 to 20,000 rows. One request in fifty fails or is late: 500, 429, a dropped connection, an HTML page, a response 3 seconds late. The same share of file downloads is dropped in the middle.

![Memory, open descriptors, and jobs over time](soak.svg)

${markdownTable(['what must hold', 'what was seen'], rows)}

"Resident" is the memory of n8n's process as the system counts it. "After a collection" is its heap after a garbage collection, which the test forces every 15 seconds. "Before" is a minute after n8n's start, before anything was published. "After" is a minute after the last workflow was unpublished. n8n saves no data of exports that succeed, and all executions of the trigger.

${machine()}, n8n ${n8nVersion()}.
`,
	);
}
