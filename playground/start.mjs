// Plain JavaScript, because a Node that is too old for the rest cannot even read TypeScript.
const OLDEST_NODE = 24;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
	console.error(
		`n8n needs Node ${OLDEST_NODE}, and this is Node ${process.versions.node}. Run npm install first: it brings the right one, and npm start uses it.`,
	);
	process.exit(1);
}
await import('./start.ts');
