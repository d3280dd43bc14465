import { readAudit } from './advisories';

const audit = (severity: string) =>
	readAudit(
		JSON.stringify({ vulnerabilities: { zod: { severity, via: ['x', { title: 'Slow' }] } } }),
	);

describe('the audit of bundled libraries', () => {
	it.each(['critical', 'high'])('fails on a %s advisory, and names it', (severity) => {
		expect(audit(severity)).toEqual({ answered: true, problems: [`zod: ${severity}: Slow`] });
	});

	it('passes without an advisory, or with a lesser one', () => {
		expect(readAudit('{"vulnerabilities":{}}')).toEqual({ answered: true, problems: [] });
		expect(audit('moderate')).toEqual({ answered: true, problems: [] });
	});

	it.each(['', '<html>', '{"error":{"code":"ENOAUDIT"}}', 'null'])(
		'is skipped if the output is %j',
		(output) => {
			expect(readAudit(output)).toEqual({ answered: false });
		},
	);
});
