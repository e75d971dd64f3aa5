import { deployed } from "./deployed.ts";
import { type Resource, readTemplate, type Template, templateFiles } from "./variants.ts";

/** The template of a variant's whole stack. */
export function templateOf(variant: string): Template {
  return readTemplate(deployed.templates, variant);
}

/** All template files of a variant. */
export function filesOf(variant: string): string[] {
  return templateFiles(deployed.templates, variant);
}

/** A variant's resources of a type. */
export function resourcesOf(variant: string, type: string): Resource[] {
  return Object.values(templateOf(variant).Resources).filter((resource) => resource.Type === type);
}
