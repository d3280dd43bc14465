// Loaded into n8n's own process by NODE_OPTIONS: kills it at an exact point of n8n's code, which stays as
// it is on disk. The point is exact because a SIGKILL that a process sends to itself is delivered before
// kill() returns: no further line runs, and nothing is written but what was awaited before.

const { readFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const file = process.env.KILL_POINT_FILE;
/** Longer than the time between two polls. */
const SLOW_TRANSACTION_MS = 5_000;
/** Workflow → the last write of its static data. */
const saves = new Map();

/** Whether the file, written by KillSwitch, names one of these points and this workflow. */
function isArmed(points, workflowId) {
	try {
		const [point, id] = readFileSync(file, 'utf8').split('\n');
		return id === workflowId && points.includes(point);
	} catch {
		return false;
	}
}

function killAt(point, workflowId) {
	if (isArmed([point], workflowId)) process.kill(process.pid, 'SIGKILL');
}

/** Module → class → method → its replacement, which gets the original as its first argument. */
const WRAPPERS = {
	'workflow-static-data.service': {
		WorkflowStaticDataService: {
			async saveStaticDataById(save, workflowId) {
				killAt('before-memory', workflowId);
				const writing = save();
				saves.set(workflowId, writing);
				await writing;
			},
		},
	},
	'execution-persistence': {
		ExecutionPersistence: {
			async create(create, { workflowId }) {
				// n8n starts the second write without awaiting the first.
				const inDefault = ['between-writes', 'after-execution'];
				if (isArmed(inDefault, workflowId)) await saves.get(workflowId);
				killAt('between-writes', workflowId);
				killAt('cursor-in-transaction', workflowId);
				const executionId = await create();
				killAt('after-execution', workflowId);
				killAt('execution-in-transaction', workflowId);
				return executionId;
			},
		},
	},
	'poll-cursor.service': {
		PollCursorService: {
			async commitWithExecution(commit, { workflowId }) {
				killAt('before-transaction', workflowId);
				if (isArmed(['slow-transaction'], workflowId)) await sleep(SLOW_TRANSACTION_MS);
				const result = await commit();
				killAt('after-transaction', workflowId);
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
