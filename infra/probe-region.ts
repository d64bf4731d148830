/** The only region in which Route 53 tells of its health checks; a file of its own, as settings must not load AWS's classes. */
export const PROBE_REGION = "us-east-1";
