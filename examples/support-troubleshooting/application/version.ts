// The version of this code, raised with each release; the changelog says what came with it.
export const codeVersion = "2.1.0";
