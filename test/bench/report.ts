import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';

import { PLAYGROUND } from '../../playground/paths.ts';
import { type Finding, table } from './finding.ts';
import { PROJECT } from './workspace.ts';

const REPORT = path.join(PROJECT, 'docs', 'benchmarks.md');
const GIGABYTE = 1024 ** 3;

/** The machine that was measured on, in a sentence. */
export function machine(rounds: number): string {
	const processors = cpus();
	const model = processors[0]?.model.trim() ?? 'unknown processor';
	const memory = Math.round(totalmem() / GIGABYTE);
	return `Measured on ${processors.length} cores (${model}), ${memory} GB of memory, ${process.platform}, Node ${process.versions.node}; each the best of ${rounds} runs that took turns.`;
}

function n8nVersion(): string {
	const text = readFileSync(path.join(PLAYGROUND, 'package.json'), 'utf8');
	return (JSON.parse(text) as { dependencies: { n8n: string } }).dependencies.n8n;
}

/** Writes docs/benchmarks.md anew. */
export function writeReport(findings: Finding[], rounds: number): void {
	writeFileSync(
		REPORT,
		`# Benchmarks

Written by \`npm run bench -- --n8n --write\`, which measures the built package on your machine. Ratios are what counts: both sides of each were measured in the same run.

${table(findings)}

${machine(rounds)} n8n ${n8nVersion()}.

## What is measured

The files are exports of event rows, about 690 bytes of JSON each, compressed 10 or 11 to 1, from a server on the same machine that runs in a process of its own. Each measurement has a new process, which does a small one of its kind first. "Ours" is Job > Download in n8n's own engine, from the question for the job's links to the items.

- **NDJSON rows, CSV rows** stand against Node's \`http\` and \`zlib\`, split and \`JSON.parse\` or the CSV parser that the node uses, without n8n and without any check.
- **Binary** stands against a pipeline from \`http\` through \`zlib\` into a file. n8n keeps binary data on disk (\`N8N_DEFAULT_BINARY_DATA_MODE=filesystem\`). Memory is how far the process grew at its peak.
- **The first rows** are those of a Limit; bytes are those of the compressed file that the server has sent.
- **A timer** of 10 ms says how long the process is deaf to anything else. The other side is the bare loop that keeps the same rows.
- **One fetched ahead** asks whether a second file should be downloaded while the first is parsed, in bare code and with slow links too. The node does so only if this gains 1.3 × or more.
- **In n8n** compares whole workflows in a real n8n, from the call of a webhook to its answer, one n8n for each side. Neither saves its executions. n8n's own nodes are HTTP Request, Split Out, HTTP Request, Compression, and Extract From File; as that reads no NDJSON, Edit Fields splits its text with an expression, and Split Out makes the items. By default Extract From File finds out how the text is encoded, which takes most of its time; "told-utf8" is the same with its option Encoding set.
`,
	);
}
