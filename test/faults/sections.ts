import type { Target } from './cell';
import type { TestedFault } from './faults';
import { apiFaults, bombs, fileFaults, pageFaults, startFaults } from './faults';
import type { Way } from './ways';
import { lookupWays, ways } from './ways';

/** Calls that meet the same faults, and what to know of them. */
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
		title: 'Calls that read',
		about:
			'The first call of these operations. They are tried up to 4 times, over 7 seconds, where another try can help. Start and Get Events start nothing after an error here.',
		targets: [
			first(ways.getAll, 'listJobs'),
			first(ways.get, 'getJob'),
			first(ways.download, 'getJob'),
			...lookupTargets,
			first(ways.create, 'listJobs', 'Export > Start (its look at the jobs)'),
			first(ways.createAndWait, 'listJobs', 'Export > Get Events (its look at the jobs)'),
			first(ways.testEvent, 'listJobs', 'Fetch Test Event (the jobs)'),
			target(ways.testEvent, 'getJob', 'Fetch Test Event (the newest job)'),
			first(ways.jobList, 'listJobs'),
			first(ways.segmentList, 'getSegments'),
		],
		faults: apiFaults,
	},
	{
		title: 'The call that starts an export',
		about:
			'It is never repeated blindly: the list of jobs tells whether it has had an effect. "Complete" means one export, and its ID in the item.',
		targets: [target(ways.create, 'createExport'), target(ways.createAndWait, 'createExport')],
		faults: startFaults,
	},
	{
		title: 'Looks at a job that is waited for',
		about:
			'A look that fails is followed by another, until Max Wait (Minutes) is over; here that is 2 minutes.',
		targets: [first(ways.wait, 'getJob'), target(ways.createAndWait, 'getJob')],
		faults: apiFaults,
	},
	{
		title: 'Polls of the trigger',
		about:
			"A job that could not be had stays due, and the next poll fires it. Where nothing is shown, n8n's log has a line.",
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
			'A file is asked for up to 4 times, resumed where it breaks as long as it makes progress, and its link renewed once before any more of it comes. After an error no row and no part of a file stays behind.',
		targets: [
			ways.download,
			ways.waitRows,
			ways.createAndWait,
			ways.downloadFiles,
			ways.waitFiles,
			ways.createAndWaitFiles,
		].map((way) => target(way, 'file')),
		faults: fileFaults,
	},
	{
		title: 'Files that unpack to far more than they hold',
		about:
			'Options > Max File Size (MB) is the limit; it is off unless one sets it. Without it, rows of more than 64 million characters are refused.',
		targets: [target(ways.download, 'file'), target(ways.downloadFiles, 'file')],
		faults: bombs,
	},
	{
		title: 'Pages of a lookup',
		about: 'With Return All on. Get Event Properties goes the same way.',
		targets: lookupTargets.filter(({ call }) => call === 'getSegments'),
		faults: pageFaults,
	},
];
