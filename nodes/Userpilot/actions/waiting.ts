import type { INodeProperties } from 'n8n-workflow';

import type { OnTimeout, WaitOptions } from '../jobs/wait';
import { minutesSchema } from './fieldSchemas';
import type { ParameterReader } from './parameters';

const MS_PER_MINUTE = 60_000;

const onTimeoutOptions = [
	{ name: 'Fail', value: 'fail', description: 'Stop with an error that names the job' },
	{
		name: 'Return the Job',
		value: 'returnJob',
		description: 'Continue with one item: the job with its last known status',
	},
] as const satisfies ReadonlyArray<{ name: string; value: OnTimeout; description: string }>;

export const maxWaitField = (description: string): INodeProperties => ({
	displayName: 'Max Wait (Minutes)',
	name: 'maxWaitMinutes',
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 60,
	description,
});

/** The options of waiting for a job. */
export const waitOptions = (maxWaitDescription: string): INodeProperties[] => [
	maxWaitField(maxWaitDescription),
	{
		displayName: 'On Timeout',
		name: 'onTimeout',
		type: 'options',
		options: [...onTimeoutOptions],
		default: 'fail',
		description: 'What to do when the job has not finished in time. It keeps running at Userpilot.',
	},
];

export const readMaxWaitMs = (parameters: ParameterReader): number =>
	parameters.read('options.maxWaitMinutes', minutesSchema) * MS_PER_MINUTE;

/** How long to wait for a job, and what to do then. The wait begins now. */
export const readWait = (parameters: ParameterReader): WaitOptions => ({
	startedAt: Date.now(),
	maxWaitMs: readMaxWaitMs(parameters),
	onTimeout: parameters.readChoice('options.onTimeout', onTimeoutOptions),
});
