// No proxy for addresses of this machine, as programs in Go have it by themselves. Where a company's proxy is set, the gRPC library
// would else send through it what engine, program and providers say to each other, and such a proxy answers nothing.
const PROXIES = ["grpc_proxy", "http_proxy", "https_proxy", "all_proxy"];
const LOOPBACK = ["127.0.0.1", "localhost"];

/** Adds them to what is reached without a proxy, where there is one; also for the processes that inherit the environment. */
export function keepFromProxy(environment: NodeJS.ProcessEnv): void {
  const names = [...PROXIES, ...PROXIES.map((name) => name.toUpperCase())];
  if (!names.some((name) => environment[name])) return;
  const { no_proxy: lower, NO_PROXY: upper, no_grpc_proxy: grpc } = environment;
  environment.no_proxy = withLoopback(lower || upper);
  environment.NO_PROXY = withLoopback(upper || lower);
  environment.no_grpc_proxy = withLoopback(grpc || lower || upper);
}

/** Without blanks, which gRPC would take for a part of the name behind them. */
function withLoopback(list = ""): string {
  const named = list.split(",").map((name) => name.trim());
  return [...new Set([...named.filter((name) => name !== ""), ...LOOPBACK])].join(",");
}
