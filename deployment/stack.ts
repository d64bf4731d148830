// What the steps of a deployment are put together from.
import * as pulumi from "@pulumi/pulumi";
import type { Sequence } from "../checks/step/sequence.ts";
import { type Estate, provision } from "../infra/estate.ts";
import { pathOf } from "../infra/project-path.ts";
import type { Settings } from "../infra/settings.ts";

/** Settings, what exists, and the steps so far. */
export class Stack {
  readonly settings: Settings;
  readonly estate: Estate;
  readonly sequence: Sequence;

  /** Registers everything that exists; steps are added after it. */
  constructor(settings: Settings, sequence: Sequence) {
    this.settings = settings;
    this.estate = provision(settings);
    this.sequence = sequence;
    sequence.waitFor(this.estate.all);
  }

  /** A path of the settings from the program's folder, so that it is the same on every machine. */
  path(path: string): string {
    return pathOf(this.settings, path);
  }

  /** The value of one of the application's variables, secret. */
  variable(name: string): pulumi.Output<string> {
    const { application } = this.estate;
    return pulumi.secret(application?.environment.apply((variables) => variables[name] ?? "") ?? "");
  }

  /**
   * In a rollback when it began, else nothing: steps that make history run in every rollback, since an update that was killed may
   * have come further than the state knows.
   */
  get backSince(): string[] {
    return this.settings.undo ? [this.settings.undo.startedAt] : [];
  }

  /** Redis as checks reach it. */
  get redis() {
    const file = this.settings.cache?.certificateFile;
    return { url: this.estate.cacheUrl, caFile: file === undefined ? undefined : this.path(file) };
  }
}
