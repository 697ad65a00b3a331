/** Backups of training. */
export { type BackupAndRestoreOptions, backupAndRestore } from "./backupAndRestore";
