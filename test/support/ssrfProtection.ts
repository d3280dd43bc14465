// n8n reads these when it is imported: so this comes before it.
process.env.N8N_SSRF_PROTECTION_ENABLED = 'true';
process.env.N8N_SSRF_ALLOWED_HOSTNAMES = 'localhost';
process.env.N8N_SSRF_BLOCKED_HOSTNAMES = 'blocked.example.com';
