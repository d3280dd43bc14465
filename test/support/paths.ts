// Not in api.ts, as importing that loads nock, which intercepts all of HTTP at once.
export const EXPORTS = '/api/v1/analytics/exports';
export const JOBS = `${EXPORTS}/jobs/`;
export const jobPath = (id: string) => `${JOBS}${id}`;
export const lookupPath = (name: string) => `${EXPORTS}/lookups/${name}`;
