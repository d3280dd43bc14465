import { pick } from './random.ts';

type Columns = Record<string, unknown>;
type Random = () => number;

const WINDOWS_AGENT = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const MAC_AGENT = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const CHROME_AGENT = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
const SAFARI_AGENT = 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15';

const device = (
	[screen_width, screen_height]: [number, number],
	device_type: 'desktop' | 'mobile',
	operating_system: string,
	browser: string,
	user_agent: string,
): Columns => ({
	screen_width,
	screen_height,
	device_type,
	user_agent,
	operating_system,
	browser,
});

const DEVICES: readonly Columns[] = [
	device([1920, 1080], 'desktop', 'Windows', 'Chrome', `${WINDOWS_AGENT} ${CHROME_AGENT}`),
	device([1440, 900], 'desktop', 'Mac OS', 'Chrome', `${MAC_AGENT} ${CHROME_AGENT}`),
	device([2560, 1440], 'desktop', 'Mac OS', 'Safari', `${MAC_AGENT} ${SAFARI_AGENT}`),
	device([1280, 720], 'desktop', 'Windows', 'Edge', `${WINDOWS_AGENT} ${CHROME_AGENT} Edg/126.0`),
	device([390, 844], 'mobile', 'iOS', 'Safari', `Mozilla/5.0 (iPhone) ${SAFARI_AGENT}`),
];
const COUNTRIES = ['US', 'DE', 'GB', 'JO', 'IN', 'BR'] as const;
const PATHS = ['/dashboard', '/reports', '/settings/billing', '/projects/42', '/team'] as const;
const PLANS = ['trial', 'growth', 'enterprise'] as const;
const ROLES = ['Admin', 'Analyst', 'Owner, Sales', 'Engineer "on call"'] as const;
const INDUSTRIES = ['Software', 'Health', 'Retail'] as const;

const WEB_CLIENT = 'web-client';
const BACKENDS = ['backend-http', 'backend-hubspot', 'backend-salesforce', 'backend-segment'];
/** The types that a backend can send; the others come from a browser. */
const BACKEND_TYPES = new Set(['identify_user', 'identify_company', 'track']);

/** Where an event comes from: one in five of the types that a backend can send is from a backend. */
export const sourceOf = (random: Random, type: string): string =>
	BACKEND_TYPES.has(type) && random() < 0.2 ? pick(random, BACKENDS) : WEB_CLIENT;

/** The same for a user and an hour: 16 hexadecimal digits. */
function sessionOf(user: number, hour: number): string {
	const mixed = Math.imul(user * 32 + hour + 1, 0x9e3779b1) >>> 0;
	return [mixed, Math.imul(mixed, 0x85ebca6b) >>> 0]
		.map((part) => part.toString(16).padStart(8, '0'))
		.join('');
}

/** The columns that a browser captures. They are null in rows from a backend. */
export function capturedColumns(
	random: Random,
	{ source, user, hour }: { source: string; user: number; hour: number },
): Columns {
	const captured = {
		hostname: 'app.example.com',
		pathname: pick(random, PATHS),
		...pick(random, DEVICES),
		browser_language: 'en-US',
		session: sessionOf(user, hour),
		country_code: pick(random, COUNTRIES),
	};
	if (source === WEB_CLIENT) return captured;
	return Object.fromEntries(Object.keys(captured).map((column) => [column, null]));
}

const dayOf = (user: number): string => new Date(1.6e12 + user * 86_400_000).toISOString();
const cents = (random: Random): number => Math.floor(random() * 90_000) / 100;

/** Some values have quotes and commas, which CSV readers must handle. */
const METADATA: Record<string, (random: Random, user: number) => Columns> = {
	identify_user: (random, user) => ({
		email: `user_${user}@example.com`,
		name: `User ${user}`,
		role: pick(random, ROLES),
		created_at: dayOf(user),
		plan: pick(random, PLANS),
		seats: Math.floor(random() * 200),
		locale: 'en-US',
		is_beta: random() < 0.2,
		tags: ['playground', `cohort-${user % 12}`],
		last_invoice: random() < 0.3 ? null : { amount: cents(random), currency: 'EUR' },
	}),
	identify_company: (random, user) => ({
		company_name: `Company ${user % 40}, Inc.`,
		industry: pick(random, INDUSTRIES),
		employees: Math.floor(random() * 5_000),
		created_at: dayOf(user),
		plan: pick(random, PLANS),
		mrr: cents(random),
	}),
	track: (random) => ({
		plan: pick(random, PLANS),
		amount: cents(random),
		currency: 'EUR',
		button_color: '#0b7a75',
		items: Array.from({ length: 3 }, () => `sku-${Math.floor(random() * 1_000)}`),
	}),
	interaction: (random) => ({ step: 1 + Math.floor(random() * 4), steps: 4, platform: 'web' }),
};

/** The metadata of a row. Page views, sessions and tagged features have none. */
export const metadataOf = (random: Random, type: string, user: number): Columns =>
	METADATA[type]?.(random, user) ?? {};

function* leaves(value: unknown, path: string): Generator<[path: string, value: unknown]> {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) yield [path, value];
	else for (const [key, entry] of Object.entries(value)) yield* leaves(entry, `${path}_${key}`);
}

/** Metadata as columns of their own, such as `metadata_last_invoice_amount`. Arrays stay arrays. */
export const flatMetadata = (metadata: unknown): Columns =>
	Object.fromEntries(leaves(metadata, 'metadata'));

/** All columns that flat metadata can have. A draw near 1 leaves no value null. */
export const METADATA_COLUMNS: readonly string[] = [
	...new Set(
		Object.values(METADATA).flatMap((make) => Object.keys(flatMetadata(make(() => 0.99, 1)))),
	),
];
