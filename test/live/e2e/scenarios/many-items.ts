import { showStep } from '../../../../playground/progress.ts';
import { hasEnded } from '../../harness/database.ts';
import { until } from '../../harness/until.ts';
import { requestsFor, startUserpilot } from '../../harness/userpilot.ts';
import {
	base,
	chain,
	getEvents,
	manualStart,
	type Node,
	USERPILOT,
	userpilotNode,
} from '../../harness/workflows.ts';
import type { Context } from '../scenario.ts';

const NAME = 'many-items';
const ITEMS = 1_200;
const ENDS_WITHIN_MS = 600_000;

const ITEMS_NODE: Node = {
	name: 'Items',
	type: base('debugHelper'),
	typeVersion: 1,
	parameters: { category: 'randomData', randomDataType: 'uuid', randomDataCount: ITEMS },
};

/** Many input items, of which the last fails once: Retry On Fail runs the node again for all of them. */
export async function manyItems({ instance, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, NAME, {
		jobSeconds: 0,
		faults: [{ operation: 'createExport', kind: 'status', status: 422, skip: ITEMS - 1, times: 1 }],
	});
	const parameters = getEvents({
		output: 'job',
		filters: { userIds: "={{ 'item-' + $itemIndex }}" },
	});
	const node = {
		...userpilotNode(credentialId, parameters),
		...{ retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
	};
	await showStep(`Exports for ${ITEMS} items, of which the last fails once`, async (step) => {
		await instance.run(chain(NAME, [manualStart, ITEMS_NODE, node]));
		const isOver = () => {
			step.detail(`${emulator.control.ledger().jobs.length} exports`);
			return hasEnded(instance.lastExecution(NAME));
		};
		await until(isOver, ENDS_WITHIN_MS, 1_000);
	});
	const { jobs } = emulator.control.ledger();
	const requested = jobs.map(({ request }) => request.user_id?.[0]);
	findings.equal(
		`Retry On Fail with ${ITEMS} items: each export is started once`,
		[requested.length, new Set(requested).size, requestsFor(emulator, 'createExport').length],
		[ITEMS, ITEMS, ITEMS + 1],
	);
	const byUser = new Map(jobs.map(({ jobId, request }) => [request.user_id?.[0], jobId]));
	const output = instance.lastExecution(NAME)?.output(USERPILOT);
	findings.equal(
		'each item returns its own job',
		output?.map(({ job_id }) => job_id),
		Array.from({ length: ITEMS }, (_, index) => byUser.get(`item-${index}`)),
	);
	await emulator.close();
}
