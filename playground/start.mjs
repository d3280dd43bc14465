// JavaScript, because a Node that is too old cannot read TypeScript.
const MIN_NODE = 24;

if (Number(process.versions.node.split('.')[0]) < MIN_NODE) {
	console.error(
		`n8n needs Node ${MIN_NODE}, but this is Node ${process.versions.node}. Run npm install, which installs Node ${MIN_NODE} for npm start.`,
	);
	process.exit(1);
}
await import('./start.ts');
