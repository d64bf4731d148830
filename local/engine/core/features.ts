// What this engine can do, as programs ask for it: all at once, or one by one (older SDKs).
import type { DeploymentInfo } from "@pulumi/pulumi/proto/resource_pb.js";
import proto from "@pulumi/pulumi/proto/resource_pb.js";
import type { DeploymentRequest } from "../types.ts";

const { ResourceMonitorFeature: Feature } = proto;

const FEATURES = new Map([
  ["secrets", Feature.RESOURCE_MONITOR_FEATURE_SECRETS],
  ["resourceReferences", Feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES],
  ["outputValues", Feature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES],
  ["aliasSpecs", Feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS],
  ["replacementTrigger", Feature.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER],
  ["deletedWith", Feature.RESOURCE_MONITOR_FEATURE_DELETED_WITH],
  ["replaceWith", Feature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH],
  ["invokeDependsOn", Feature.RESOURCE_MONITOR_FEATURE_INVOKE_DEPENDS_ON],
  ["invokeParent", Feature.RESOURCE_MONITOR_FEATURE_INVOKE_PARENT],
]);

/** Said to be there so that the SDK asks for them: the refusal then names this engine and the way out. */
const REFUSED = new Map([
  ["transforms", Feature.RESOURCE_MONITOR_FEATURE_TRANSFORMS],
  ["invokeTransforms", Feature.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS],
  ["parameterization", Feature.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION],
  ["resourceHooks", Feature.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS],
  ["errorHooks", Feature.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS],
  ["stateMigrations", Feature.RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS],
]);

export function hasFeature(id: string): boolean {
  return FEATURES.has(id) || REFUSED.has(id);
}

/** The run as programs may ask for it. */
export function deploymentInfo(request: DeploymentRequest, preview: boolean): DeploymentInfo {
  const info = new proto.DeploymentInfo();
  info.setProject(request.project.name);
  info.setStack(request.stack);
  info.setOrganization(request.organization);
  info.setDryrun(preview);
  info.setParallel(request.parallel);
  const config = info.getConfigMap();
  for (const [key, { value, secret }] of request.config) {
    config.set(key, value);
    if (secret) info.addConfigsecretkeys(key);
  }
  info.setSupportedfeaturesList([...FEATURES.values(), ...REFUSED.values()]);
  return info;
}
