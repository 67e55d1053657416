// The states of a fit, as Python names them.

/** @import { FitState, FitView } from "../views.d.ts" */

/** @type {ReadonlySet<FitState | undefined>} */
export const RUNNING = new Set(["preparing", "running", "stopping"]);

/** @type {ReadonlySet<FitState | undefined>} */
export const DONE = new Set(["stopped", "finished", "diverged"]);

/**
 * The fit, with the progress of the check that runs in its place, if one does.
 * @param {Partial<FitView>} fit
 * @returns {Partial<FitView>}
 */
export const withProgress = (fit) => (fit.job ? { ...fit, ...fit.job } : fit);
