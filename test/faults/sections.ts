import type { Target } from './cell';
import type { TestedFault } from './faults';
import { apiFaults, bombs, fileFaults, pageFaults, startFaults } from './faults';
import type { Way } from './ways';
import { lookupWays, ways } from './ways';

/** Requests that have the same faults, and what to know about them. */
export interface Section {
	title: string;
	about: string;
	targets: Target[];
	faults: TestedFault[];
}

const target = (way: Way, call: string, name = way.name): Target => ({ name, way, call });
const first = (...args: Parameters<typeof target>): Target => ({
	...target(...args),
	isFirst: true,
});

const lookupTargets = lookupWays.map(({ way, call }) => first(way, call));

export const sections: Section[] = [
	{
		title: 'Requests that read',
		about:
			'The first request of these operations. It is tried up to 4 times, within 7 seconds, if a retry can help. After an error here, Start and Get Events start no export.',
		targets: [
			first(ways.getAll, 'listJobs'),
			first(ways.get, 'getJob'),
			first(ways.download, 'getJob'),
			...lookupTargets,
			first(ways.getNames, 'getBanners'),
			first(ways.create, 'listJobs', 'Export > Start (the list of jobs)'),
			first(ways.createAndWait, 'listJobs', 'Export > Get Events (the list of jobs)'),
			first(ways.testEvent, 'listJobs', 'Fetch Test Event (the jobs)'),
			target(ways.testEvent, 'getJob', 'Fetch Test Event (the newest job)'),
			first(ways.jobList, 'listJobs'),
			first(ways.segmentList, 'getSegments'),
			first(ways.eventList, 'getFeaturesAndEvents'),
		],
		faults: apiFaults,
	},
	{
		title: 'The request that starts an export',
		about:
			'It is never retried blindly: the list of jobs shows whether it had an effect. "Complete" means one export, and its ID in the item.',
		targets: [target(ways.create, 'createExport'), target(ways.createAndWait, 'createExport')],
		faults: startFaults,
	},
	{
		title: 'Status checks while waiting for a job',
		about:
			"A failed status check is followed by another, until 'Max Wait (Minutes)' is over. Here it is 2 minutes.",
		targets: [first(ways.wait, 'getJob'), target(ways.createAndWait, 'getJob')],
		faults: apiFaults,
	},
	{
		title: 'Polls of the trigger',
		about:
			"A job whose details could not be read stays due, and the next poll fires for it. Where no error is shown, n8n's log has a line.",
		targets: [
			first(ways.trigger, 'listJobs', 'the list of jobs'),
			target(ways.triggerAtStart, 'listJobs', 'the list of jobs, when n8n starts'),
			target(ways.trigger, 'getJob', 'the details of a job'),
		],
		faults: apiFaults,
	},
	{
		title: 'Downloads',
		about:
			'A file is requested up to 4 times. A dropped or stalled download is resumed as long as it makes progress, and a refused link is renewed once without progress. After an error, no row and no part of a file is left.',
		targets: [
			ways.download,
			ways.waitRows,
			ways.createAndWait,
			ways.downloadSummary,
			ways.downloadFiles,
			ways.waitFiles,
			ways.createAndWaitFiles,
		].map((way) => target(way, 'file')),
		faults: fileFaults,
	},
	{
		title: 'Files that decompress to far more data',
		about:
			"The limit is Options > 'Max File Size (MB)', which is off by default. Without it, rows of more than 64 million characters are rejected.",
		targets: [target(ways.download, 'file'), target(ways.downloadFiles, 'file')],
		faults: bombs,
	},
	{
		title: 'Pages of a lookup',
		about: "With 'Return All' on. Get Event Properties works the same way.",
		targets: lookupTargets.filter(({ call }) => call === 'getSegments'),
		faults: pageFaults,
	},
];
