import { createRequire } from 'node:module';

/** The outcome of a POST without a conflict. */
export type Fate =
	| 'answered'
	/** It has an effect, but the connection is dropped, or a gateway times out. */
	| 'lost'
	/** It looks the same, but has no effect. */
	| 'dropped'
	/** Rejected for now. */
	| 'refused';

/** The end of a job. */
export type Ending = 'completed' | 'failed' | 'gone';

export interface JobPlan {
	fate: Fate;
	durationMs: number;
	ending: Ending;
	/** The first request for its details gets 401: the try fails, but the job does not. */
	detailsRefused: boolean;
}

export interface WorldPlan {
	/** How long after its POST a job appears in the list. */
	lagMs: number;
	/** For the POSTs in their order. Later ones succeed, and their jobs complete immediately. */
	jobs: JobPlan[];
	/** When someone else starts an export, in ms from the start. */
	strangers: number[];
	/** When the list is unreachable: from, to, in ms from the start. */
	outage: [number, number];
}

interface Job extends JobPlan {
	id: string;
	/** What was requested; null for another's job. */
	asked: string | null;
	startMs: number;
}

interface Request {
	url: string;
	method: string;
	data?: string;
	validateStatus?: (status: number) => boolean;
}

const PLAIN: JobPlan = {
	fate: 'answered',
	durationMs: 0,
	ending: 'completed',
	detailsRefused: false,
};

/**
 * Until the outcome of a POST is known, another's export would look like ours, so none starts then. It takes
 * the list to be up to date, and a request that waits for others of its key waits for their retries too.
 */
const UNKNOWN_MS = 45_000;

const status = (code: number, body: unknown = '') => ({ code, body });
const refusal = (message: string) => ({ errors: [{ message }] });

/** Userpilot's exports, on the clock of the test and without a network. */
export class World {
	readonly jobs: Job[] = [];

	private readonly startMs = Date.now();

	private posts = 0;

	private unknownUntil = 0;

	private readonly plan: WorldPlan;

	constructor(plan: WorldPlan) {
		this.plan = plan;
		for (const ms of plan.strangers) setTimeout(() => this.startAsStranger(), ms);
	}

	private isRunning = () => this.jobs.some((job) => Date.now() < job.startMs + job.durationMs);

	private start(asked: string | null, plan: JobPlan): Job {
		const job = { ...plan, id: `job-${this.jobs.length}`, asked, startMs: Date.now() };
		this.jobs.push(job);
		return job;
	}

	private startAsStranger() {
		if (this.isRunning() || Date.now() < this.unknownUntil) return;
		this.start(null, { ...PLAIN, durationMs: 20_000 });
	}

	private entry(job: Job) {
		const isOver = Date.now() >= job.startMs + job.durationMs;
		const ended = job.ending === 'gone' ? 'completed' : job.ending;
		return {
			job_id: job.id,
			start_time: new Date(job.startMs).toISOString(),
			status: isOver ? ended : 'in_progress',
		};
	}

	private post(asked: string) {
		if (this.isRunning()) return status(409, refusal('There is already an export job'));
		const plan = this.plan.jobs[this.posts++] ?? PLAIN;
		if (plan.fate === 'refused') return status(429);
		if (plan.fate === 'answered') {
			const { job_id, start_time } = this.entry(this.start(asked, plan));
			return status(201, { job_id, start_time });
		}
		// Its outcome stays unknown while the list is unreachable.
		const outageEnd = this.startMs + this.plan.outage[1];
		this.unknownUntil = Math.max(Date.now(), outageEnd) + UNKNOWN_MS;
		if (plan.fate === 'lost') this.start(asked, plan);
		// Of both kinds, which must look the same.
		return this.posts % 2 === 0 ? undefined : status(504);
	}

	private list() {
		const passedMs = Date.now() - this.startMs;
		const [from, to] = this.plan.outage;
		if (passedMs >= from && passedMs < to) return status(500);
		const listed = this.jobs.filter((job) => Date.now() >= job.startMs + this.plan.lagMs);
		return status(
			200,
			listed.map((job) => this.entry(job)),
		);
	}

	private details(id: string) {
		const job = this.jobs.find((candidate) => candidate.id === id)!;
		const entry = this.entry(job);
		if (job.detailsRefused) {
			job.detailsRefused = false;
			return status(401, refusal('Unauthorized'));
		}
		const isGone = job.ending === 'gone' && entry.status !== 'in_progress';
		return isGone ? status(404, refusal('No such job')) : status(200, entry);
	}

	private answer({ url, method, data }: Request) {
		const { pathname } = new URL(url);
		if (method.toUpperCase() === 'POST') {
			return this.post((JSON.parse(data!) as { user_id: string[] }).user_id[0]!);
		}
		const id = /\/jobs\/(.+)$/.exec(pathname)?.[1];
		return id === undefined ? this.list() : this.details(id);
	}

	/** Replaces the network, below n8n's own HTTP client. */
	readonly adapter = async (request: Request) => {
		// Each request takes a while, and others continue.
		await new Promise((resolve) => setTimeout(resolve, 20));
		const answer = this.answer(request);
		if (!answer) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
		const { code, body } = answer;
		const text = typeof body === 'string' ? body : JSON.stringify(body);
		return { data: text, status: code, statusText: '', headers: {}, config: request };
	};
}

interface Axios {
	defaults: { adapter: unknown };
}

/** Connects n8n's HTTP client to that world while something runs. */
export async function inWorld<T>(world: World, run: () => Promise<T>): Promise<T> {
	const { defaults } = createRequire(require.resolve('n8n-core'))('axios') as Axios;
	const { adapter } = defaults;
	defaults.adapter = world.adapter;
	try {
		return await run();
	} finally {
		defaults.adapter = adapter;
	}
}
