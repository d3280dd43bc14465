import { showStep } from '../../../../playground/progress.ts';
import { hasEnded } from '../../harness/database.ts';
import type { Context } from '../scenario.ts';
import { until } from '../../harness/until.ts';
import { startUserpilot } from '../../harness/userpilot.ts';
import { itemsWorkflow, START, USERPILOT } from '../../harness/workflows.ts';

const NAME = 'many-items';
const ITEMS = 1_200;
const ENDS_WITHIN_MS = 600_000;

/** Many input items, of which the last fails once: Retry On Fail runs the node again for all of them. */
export async function manyItems({ instance, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, NAME, {
		jobSeconds: 0,
		faults: [{ operation: 'createExport', kind: 'status', status: 422, skip: ITEMS - 1, times: 1 }],
	});
	const parameters = {
		resource: 'export',
		operation: 'createAndWait',
		dateRange: 'yesterday',
		output: 'job',
		filters: { userIds: "={{ 'item-' + $itemIndex }}" },
	};
	const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
	await instance.client.createWorkflow(
		itemsWorkflow(NAME, credentialId, ITEMS, parameters, settings),
	);
	const last = () => instance.read((database) => database.executions(NAME)).at(-1);
	await showStep(`Exports for ${ITEMS} items, of which the last fails once`, async (step) => {
		await instance.client.runWorkflow(NAME, START);
		await until(
			() => {
				step.detail(`${emulator.control.ledger().jobs.length} exports`);
				return hasEnded(last());
			},
			ENDS_WITHIN_MS,
			1_000,
		);
	});
	const { jobs, requests } = emulator.control.ledger();
	const posts = requests.filter(({ operation }) => operation === 'createExport').length;
	const asked = jobs.map(({ request }) => request.user_id?.[0]);
	const items = Array.from({ length: ITEMS }, (_, index) => `item-${index}`);
	findings.equal(
		`Retry On Fail with ${ITEMS} items: each export is started once`,
		[asked.length, new Set(asked).size, posts],
		[ITEMS, ITEMS, ITEMS + 1],
	);
	const byUser = new Map(jobs.map(({ jobId, request }) => [request.user_id?.[0], jobId]));
	findings.equal(
		'each item returns its own job',
		last()
			?.output(USERPILOT)
			?.map(({ job_id }) => job_id),
		items.map((item) => byUser.get(item)),
	);
	await emulator.close();
}
