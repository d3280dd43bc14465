// Loaded into n8n's own process by NODE_OPTIONS: ends it at an exact point of n8n's own code, which stays
// as it is on disk. Exact, because a SIGKILL that a process sends to itself is delivered before the call
// returns: not one more line runs, and nothing more is written than what had been waited for.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const file = process.env.KILL_POINT_FILE;
/** Workflow → the saving of its static data that was begun last. */
const saves = new Map();

/** The file names a point and a workflow, while one is to be killed there. */
function isArmed(points, workflowId) {
	try {
		const [point, id] = readFileSync(file, 'utf8').split('\n');
		return id === workflowId && points.includes(point);
	} catch {
		return false;
	}
}

function dieAt(point, workflowId) {
	if (isArmed([point], workflowId)) process.kill(process.pid, 'SIGKILL');
}

/** Module → class → method → what is done around it. */
const WRAPPERS = {
	'workflow-static-data.service': {
		WorkflowStaticDataService: {
			async saveStaticDataById(save, workflowId) {
				dieAt('before-memory', workflowId);
				const saving = save();
				saves.set(workflowId, saving);
				await saving;
			},
		},
	},
	'execution-persistence': {
		ExecutionPersistence: {
			async create(create, { workflowId }) {
				// n8n does not wait for its first write before it begins the second: here it has to.
				const inDefault = ['between-writes', 'after-execution'];
				if (isArmed(inDefault, workflowId)) await saves.get(workflowId);
				dieAt('between-writes', workflowId);
				dieAt('cursor-in-transaction', workflowId);
				const executionId = await create();
				dieAt('after-execution', workflowId);
				dieAt('execution-in-transaction', workflowId);
				return executionId;
			},
		},
	},
	'poll-cursor.service': {
		PollCursorService: {
			async commitWithExecution(commit, { workflowId }) {
				dieAt('before-transaction', workflowId);
				const result = await commit();
				dieAt('after-transaction', workflowId);
				return result;
			},
		},
	},
};

function wrap(prototype, methods) {
	for (const [name, around] of Object.entries(methods)) {
		const original = prototype[name];
		prototype[name] = async function (...args) {
			return await around(async () => await original.apply(this, args), ...args);
		};
	}
}

if (file && path.basename(process.argv[1] ?? '') === 'n8n') {
	const load = Module._load;
	Module._load = function (request, ...rest) {
		const loaded = load.call(this, request, ...rest);
		const name = path.basename(request);
		for (const [className, methods] of Object.entries(WRAPPERS[name] ?? {})) {
			if (!loaded[className]) continue;
			wrap(loaded[className].prototype, methods);
			delete WRAPPERS[name];
		}
		return loaded;
	};
}
