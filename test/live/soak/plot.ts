import type { Point } from './verdict.ts';

export interface Line {
	name: string;
	points: Point[];
}

/** One of the plots that stand above each other and share their time. */
export interface Panel {
	title: string;
	lines: Line[];
}

const WIDTH = 860;
const PANEL_HEIGHT = 150;
const MARGIN = { left: 64, right: 20, top: 34, bottom: 14 };
const FOOT = 40;
const STEPS = [1, 2, 2.5, 5, 10];
const MINUTE_MS = 60_000;

/** Round numbers from 0 to above the highest. */
function ticks(highest: number, atMost: number): number[] {
	const rough = Math.max(highest, 1) / atMost;
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = STEPS.map((factor) => factor * power).find((candidate) => candidate >= rough)!;
	return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, index) => index * step);
}

/** Draws panels over minutes; readable on light and dark ground. */
export function plot(title: string, panels: Panel[]): string {
	const all = panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points));
	const start = Math.min(...all.map(({ at }) => at));
	const minutes = (Math.max(...all.map(({ at }) => at)) - start) / MINUTE_MS;
	const times = ticks(minutes, 10).filter((minute) => minute <= minutes);
	const x = (minute: number) =>
		MARGIN.left + (minute / minutes) * (WIDTH - MARGIN.left - MARGIN.right);
	const height = panels.length * (PANEL_HEIGHT + MARGIN.top + MARGIN.bottom) + FOOT;
	const drawn = panels.map((panel, index) => {
		const top = index * (PANEL_HEIGHT + MARGIN.top + MARGIN.bottom) + MARGIN.top;
		return drawPanel(panel, { top, start, x, times });
	});
	const bottom = height - FOOT;
	const clock = times.map(
		(minute) => `<text x="${round(x(minute))}" y="${bottom + 12}" class="middle">${minute}</text>`,
	);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a; }
.title { font-weight: 600; fill: #24292f; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.grid { stroke: #d0d7de; stroke-width: 1; }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.c0 { stroke: #0969da; } text.c0 { fill: #0969da; stroke: none; }
.c1 { stroke: #bf3989; } text.c1 { fill: #bf3989; stroke: none; }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1; } .title { fill: #f0f6fc; } .grid { stroke: #3d444d; }
.c0 { stroke: #4493f8; } text.c0 { fill: #4493f8; }
.c1 { stroke: #f778ba; } text.c1 { fill: #f778ba; }
}
</style>
${drawn.join('\n')}
${clock.join('\n')}
<text x="${WIDTH / 2}" y="${bottom + 32}" class="middle">minutes</text>
</svg>
`;
}

interface Place {
	top: number;
	start: number;
	x(minute: number): number;
	times: number[];
}

function drawPanel({ title, lines }: Panel, { top, start, x, times }: Place): string {
	const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
	const scale = ticks(Math.max(...values), 4);
	const y = (value: number) => top + PANEL_HEIGHT * (1 - value / scale.at(-1)!);
	const [left, right] = [MARGIN.left, WIDTH - MARGIN.right];
	const grid = scale.map(
		(value) =>
			`<line x1="${left}" x2="${right}" y1="${round(y(value))}" y2="${round(y(value))}" class="grid"/><text x="${left - 8}" y="${round(y(value) + 4)}" class="end">${value.toLocaleString('en-US')}</text>`,
	);
	const marks = times.map(
		(minute) =>
			`<line x1="${round(x(minute))}" x2="${round(x(minute))}" y1="${top}" y2="${top + PANEL_HEIGHT}" class="grid"/>`,
	);
	const drawn = lines.map(({ points }, index) => {
		const path = points.map(
			({ at, value }) => `${round(x((at - start) / MINUTE_MS))},${round(y(value))}`,
		);
		return `<polyline points="${path.join(' ')}" class="line c${index}"/>`;
	});
	const legend = lines.map(
		({ name }, index) =>
			`<text x="${right - (lines.length - 1 - index) * 190}" y="${top - 10}" class="end c${index}">${name}</text>`,
	);
	return [
		...grid,
		...marks,
		...drawn,
		`<text x="${left}" y="${top - 10}" class="title">${title}</text>`,
		...(lines.length > 1 ? legend : []),
	].join('\n');
}

const round = (value: number): number => Math.round(value * 10) / 10;
