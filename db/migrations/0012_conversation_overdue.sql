ALTER TABLE "conversations" ADD COLUMN "overdue_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "owed" ADD COLUMN "conversation_ids" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "owed" ADD COLUMN "channels" text[] DEFAULT '{call}' NOT NULL;