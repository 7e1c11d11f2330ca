DROP INDEX "clients_responsible_idx";--> statement-breakpoint
ALTER TABLE "audit_log" ADD COLUMN "client_id" bigint;--> statement-breakpoint
ALTER TABLE "audit_log" ADD COLUMN "times" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "sees" text DEFAULT 'all' NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "may_export" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "audit_log_user_idx" ON "audit_log" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "audit_log_client_idx" ON "audit_log" USING btree ("client_id","id") WHERE client_id is not null;--> statement-breakpoint
CREATE INDEX "audit_log_action_idx" ON "audit_log" USING btree ("action","id");--> statement-breakpoint
CREATE INDEX "clients_responsible_recent_idx" ON "clients" USING btree ("responsible_id","updated_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_sees_ck" CHECK (sees in ('own','team','all'));--> statement-breakpoint
-- Everybody keeps what he saw; administrators could take everything out before as well.
UPDATE "users" SET "may_export" = true WHERE "role" = 'admin';
