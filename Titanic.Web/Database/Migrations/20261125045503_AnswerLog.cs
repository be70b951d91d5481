using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;
using NpgsqlTypes;

#nullable disable

#pragma warning disable CA1814 // Prefer jagged arrays over multidimensional

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class AnswerLog : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(Extensions);

            migrationBuilder.EnsureSchema(
                name: "access");

            migrationBuilder.CreateSequence(
                name: "passenger_ids");

            migrationBuilder.CreateTable(
                name: "api_keys",
                schema: "access",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    scope = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    last_four = table.Column<string>(type: "character varying(4)", maxLength: 4, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_api_keys", x => x.id);
                    table.CheckConstraint("ck_api_keys_scope", "scope in ('ingest', 'predict', 'operate')");
                });

            migrationBuilder.CreateTable(
                name: "audit_log",
                schema: "access",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    who = table.Column<string>(type: "text", nullable: false),
                    what = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    details = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_log", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "daily_answers",
                columns: table => new
                {
                    logical_date = table.Column<DateOnly>(type: "date", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    answers = table.Column<long>(type: "bigint", nullable: false),
                    surviving = table.Column<long>(type: "bigint", nullable: false),
                    probability_sum = table.Column<double>(type: "double precision", nullable: false),
                    last_prediction_id = table.Column<long>(type: "bigint", nullable: false),
                    is_settled = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_daily_answers", x => new { x.logical_date, x.source });
                });

            migrationBuilder.CreateTable(
                name: "daily_performance",
                columns: table => new
                {
                    logical_date = table.Column<DateOnly>(type: "date", nullable: false),
                    is_live = table.Column<bool>(type: "boolean", nullable: false),
                    predictions = table.Column<int>(type: "integer", nullable: false),
                    true_negatives = table.Column<int>(type: "integer", nullable: false),
                    false_positives = table.Column<int>(type: "integer", nullable: false),
                    false_negatives = table.Column<int>(type: "integer", nullable: false),
                    true_positives = table.Column<int>(type: "integer", nullable: false),
                    squared_error = table.Column<double>(type: "double precision", nullable: false),
                    as_of_commit_id = table.Column<long>(type: "bigint", nullable: false),
                    last_prediction_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_daily_performance", x => new { x.logical_date, x.is_live });
                });

            migrationBuilder.CreateTable(
                name: "data_protection_keys",
                schema: "access",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    friendly_name = table.Column<string>(type: "text", nullable: true),
                    xml = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_data_protection_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "feature_values",
                columns: table => new
                {
                    scope = table.Column<string>(type: "text", nullable: false),
                    feature = table.Column<string>(type: "text", nullable: false),
                    value = table.Column<double>(type: "double precision", nullable: false),
                    rows = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feature_values", x => new { x.scope, x.feature, x.value });
                });

            migrationBuilder.CreateTable(
                name: "feature_views",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    feature_group = table.Column<string>(type: "text", nullable: false),
                    feature_group_version = table.Column<int>(type: "integer", nullable: false),
                    features = table.Column<string[]>(type: "text[]", nullable: false),
                    label = table.Column<string>(type: "text", nullable: false),
                    encoder_id = table.Column<string>(type: "text", nullable: false),
                    description = table.Column<string>(type: "text", nullable: false),
                    schema_sha256 = table.Column<string>(type: "character(64)", fixedLength: true, maxLength: 64, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feature_views", x => new { x.name, x.version });
                });

            migrationBuilder.CreateTable(
                name: "keyed_answers",
                columns: table => new
                {
                    caller = table.Column<string>(type: "text", nullable: false),
                    key = table.Column<string>(type: "text", nullable: false),
                    request_sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    answer = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_keyed_answers", x => new { x.caller, x.key });
                });

            migrationBuilder.CreateTable(
                name: "outcomes",
                columns: table => new
                {
                    passenger_id = table.Column<long>(type: "bigint", nullable: false),
                    commit_id = table.Column<long>(type: "bigint", nullable: false),
                    superseded_by = table.Column<long>(type: "bigint", nullable: true),
                    survived = table.Column<bool>(type: "boolean", nullable: false),
                    known_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_outcomes", x => new { x.passenger_id, x.commit_id });
                });

            migrationBuilder.CreateTable(
                name: "passengers",
                columns: table => new
                {
                    passenger_id = table.Column<long>(type: "bigint", nullable: false),
                    commit_id = table.Column<long>(type: "bigint", nullable: false),
                    superseded_by = table.Column<long>(type: "bigint", nullable: true),
                    source = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    source_key = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    name = table.Column<string>(type: "text", nullable: true),
                    pclass = table.Column<short>(type: "smallint", nullable: false),
                    sex = table.Column<string>(type: "text", nullable: false),
                    age = table.Column<double>(type: "double precision", nullable: true),
                    fare = table.Column<double>(type: "double precision", nullable: true),
                    event_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    titanic_binned_v1 = table.Column<short>(type: "smallint", nullable: false),
                    person_key = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_passengers", x => new { x.passenger_id, x.commit_id });
                    table.CheckConstraint("ck_passengers_age", "age between 0 and 120");
                    table.CheckConstraint("ck_passengers_fare", "fare between 0 and 10000");
                    table.CheckConstraint("ck_passengers_pclass", "pclass between 1 and 3");
                    table.CheckConstraint("ck_passengers_sex", "sex in ('male', 'female')");
                    table.CheckConstraint("ck_passengers_titanic_binned_v1", "titanic_binned_v1 between 0 and 395");
                });

            migrationBuilder.CreateTable(
                name: "roles",
                schema: "access",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    normalized_name = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    concurrency_stamp = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_roles", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "runs",
                columns: table => new
                {
                    run_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    pipeline = table.Column<string>(type: "text", nullable: false),
                    logical_date = table.Column<DateOnly>(type: "date", nullable: true),
                    backfill = table.Column<string>(type: "text", nullable: true),
                    trigger = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    summary = table.Column<string>(type: "text", nullable: true),
                    counts = table.Column<string>(type: "jsonb", nullable: false),
                    error = table.Column<string>(type: "text", nullable: true),
                    code_version = table.Column<string>(type: "text", nullable: false),
                    host = table.Column<string>(type: "text", nullable: true),
                    job_id = table.Column<string>(type: "text", nullable: true),
                    queued_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    as_of = table.Column<string>(type: "text", nullable: true),
                    is_beside = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                    policy = table.Column<string>(type: "text", nullable: true),
                    challenger = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_runs", x => x.run_id);
                });

            migrationBuilder.CreateTable(
                name: "setup_progress",
                columns: table => new
                {
                    setup_progress_id = table.Column<int>(type: "integer", nullable: false),
                    step = table.Column<string>(type: "text", nullable: false),
                    steps_done = table.Column<int>(type: "integer", nullable: false),
                    steps_total = table.Column<int>(type: "integer", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    error = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_setup_progress", x => x.setup_progress_id);
                    table.CheckConstraint("ck_setup_progress_one_row", "setup_progress_id = 1");
                });

            migrationBuilder.CreateTable(
                name: "users",
                schema: "access",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    user_name = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    normalized_user_name = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    email = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    normalized_email = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    email_confirmed = table.Column<bool>(type: "boolean", nullable: false),
                    password_hash = table.Column<string>(type: "text", nullable: true),
                    security_stamp = table.Column<string>(type: "text", nullable: true),
                    concurrency_stamp = table.Column<string>(type: "text", nullable: true),
                    phone_number = table.Column<string>(type: "text", nullable: true),
                    phone_number_confirmed = table.Column<bool>(type: "boolean", nullable: false),
                    two_factor_enabled = table.Column<bool>(type: "boolean", nullable: false),
                    lockout_end = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    lockout_enabled = table.Column<bool>(type: "boolean", nullable: false),
                    access_failed_count = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_users", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "role_claims",
                schema: "access",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    role_id = table.Column<string>(type: "text", nullable: false),
                    claim_type = table.Column<string>(type: "text", nullable: true),
                    claim_value = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_role_claims", x => x.id);
                    table.ForeignKey(
                        name: "fk_role_claims_roles_role_id",
                        column: x => x.role_id,
                        principalSchema: "access",
                        principalTable: "roles",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "predictions",
                columns: table => new
                {
                    prediction_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    passenger_id = table.Column<long>(type: "bigint", nullable: true),
                    logical_date = table.Column<DateOnly>(type: "date", nullable: false),
                    pclass = table.Column<short>(type: "smallint", nullable: false),
                    sex = table.Column<string>(type: "text", nullable: false),
                    age = table.Column<double>(type: "double precision", nullable: true),
                    fare = table.Column<double>(type: "double precision", nullable: true),
                    point_code = table.Column<short>(type: "smallint", nullable: true),
                    model_name = table.Column<string>(type: "text", nullable: false),
                    model_version = table.Column<int>(type: "integer", nullable: false),
                    survived = table.Column<bool>(type: "boolean", nullable: false),
                    probability = table.Column<double>(type: "double precision", nullable: false),
                    survivors = table.Column<int>(type: "integer", nullable: false),
                    neighbors = table.Column<int>(type: "integer", nullable: false),
                    is_live = table.Column<bool>(type: "boolean", nullable: true),
                    run_id = table.Column<long>(type: "bigint", nullable: true),
                    encoded = table.Column<double[]>(type: "double precision[]", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_predictions", x => x.prediction_id);
                    table.CheckConstraint("ck_predictions_encoded", "num_nonnulls(point_code, encoded) = 1");
                    table.ForeignKey(
                        name: "fk_predictions_runs_run_id",
                        column: x => x.run_id,
                        principalTable: "runs",
                        principalColumn: "run_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "run_log",
                columns: table => new
                {
                    run_log_line_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    run_id = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    is_error = table.Column<bool>(type: "boolean", nullable: false),
                    message = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_run_log", x => x.run_log_line_id);
                    table.ForeignKey(
                        name: "fk_run_log_runs_run_id",
                        column: x => x.run_id,
                        principalTable: "runs",
                        principalColumn: "run_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "validation_reports",
                columns: table => new
                {
                    validation_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    validated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    description = table.Column<string>(type: "text", nullable: false),
                    policy = table.Column<string>(type: "text", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    success = table.Column<bool>(type: "boolean", nullable: false),
                    rows_read = table.Column<int>(type: "integer", nullable: false),
                    rows_rejected = table.Column<int>(type: "integer", nullable: false),
                    expectations = table.Column<string>(type: "jsonb", nullable: false),
                    warnings = table.Column<string>(type: "jsonb", nullable: false),
                    run_id = table.Column<long>(type: "bigint", nullable: true),
                    code_version = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_validation_reports", x => x.validation_id);
                    table.ForeignKey(
                        name: "fk_validation_reports_runs_run_id",
                        column: x => x.run_id,
                        principalTable: "runs",
                        principalColumn: "run_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "user_claims",
                schema: "access",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    user_id = table.Column<string>(type: "text", nullable: false),
                    claim_type = table.Column<string>(type: "text", nullable: true),
                    claim_value = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_user_claims", x => x.id);
                    table.ForeignKey(
                        name: "fk_user_claims_users_user_id",
                        column: x => x.user_id,
                        principalSchema: "access",
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "user_logins",
                schema: "access",
                columns: table => new
                {
                    login_provider = table.Column<string>(type: "text", nullable: false),
                    provider_key = table.Column<string>(type: "text", nullable: false),
                    provider_display_name = table.Column<string>(type: "text", nullable: true),
                    user_id = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_user_logins", x => new { x.login_provider, x.provider_key });
                    table.ForeignKey(
                        name: "fk_user_logins_users_user_id",
                        column: x => x.user_id,
                        principalSchema: "access",
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "user_roles",
                schema: "access",
                columns: table => new
                {
                    user_id = table.Column<string>(type: "text", nullable: false),
                    role_id = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_user_roles", x => new { x.user_id, x.role_id });
                    table.ForeignKey(
                        name: "fk_user_roles_roles_role_id",
                        column: x => x.role_id,
                        principalSchema: "access",
                        principalTable: "roles",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_user_roles_users_user_id",
                        column: x => x.user_id,
                        principalSchema: "access",
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "user_tokens",
                schema: "access",
                columns: table => new
                {
                    user_id = table.Column<string>(type: "text", nullable: false),
                    login_provider = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    value = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_user_tokens", x => new { x.user_id, x.login_provider, x.name });
                    table.ForeignKey(
                        name: "fk_user_tokens_users_user_id",
                        column: x => x.user_id,
                        principalSchema: "access",
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "prediction_feedback",
                columns: table => new
                {
                    feedback_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    prediction_id = table.Column<long>(type: "bigint", nullable: false),
                    given_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    note = table.Column<string>(type: "text", nullable: true),
                    given_by = table.Column<string>(type: "text", nullable: false),
                    reader = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_prediction_feedback", x => x.feedback_id);
                    table.CheckConstraint("ck_prediction_feedback_kind", "kind in ('correct', 'wrong', 'odd')");
                    table.CheckConstraint("ck_prediction_feedback_note", "char_length(note) <= 300");
                    table.ForeignKey(
                        name: "fk_prediction_feedback_predictions_prediction_id",
                        column: x => x.prediction_id,
                        principalTable: "predictions",
                        principalColumn: "prediction_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "commits",
                columns: table => new
                {
                    commit_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    committed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    description = table.Column<string>(type: "text", nullable: false),
                    rows_inserted = table.Column<int>(type: "integer", nullable: false),
                    rows_updated = table.Column<int>(type: "integer", nullable: false),
                    rows_deleted = table.Column<int>(type: "integer", nullable: false),
                    rows_rejected = table.Column<int>(type: "integer", nullable: false),
                    rows_unchanged = table.Column<int>(type: "integer", nullable: false),
                    outcomes_recorded = table.Column<int>(type: "integer", nullable: false),
                    run_id = table.Column<long>(type: "bigint", nullable: true),
                    code_version = table.Column<string>(type: "text", nullable: false),
                    validation_id = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_commits", x => x.commit_id);
                    table.ForeignKey(
                        name: "fk_commits_runs_run_id",
                        column: x => x.run_id,
                        principalTable: "runs",
                        principalColumn: "run_id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_commits_validation_reports_validation_id",
                        column: x => x.validation_id,
                        principalTable: "validation_reports",
                        principalColumn: "validation_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "rejected_rows",
                columns: table => new
                {
                    rejection_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    validation_id = table.Column<long>(type: "bigint", nullable: false),
                    line = table.Column<long>(type: "bigint", nullable: false),
                    reasons = table.Column<string[]>(type: "text[]", nullable: false),
                    excerpt = table.Column<string>(type: "text", nullable: false),
                    rules = table.Column<string[]>(type: "text[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rejected_rows", x => x.rejection_id);
                    table.ForeignKey(
                        name: "fk_rejected_rows_validation_reports_validation_id",
                        column: x => x.validation_id,
                        principalTable: "validation_reports",
                        principalColumn: "validation_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "feature_statistics",
                columns: table => new
                {
                    commit_id = table.Column<long>(type: "bigint", nullable: false),
                    scope = table.Column<string>(type: "text", nullable: false),
                    feature = table.Column<string>(type: "text", nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false),
                    num_null_values = table.Column<long>(type: "bigint", nullable: false),
                    min = table.Column<double>(type: "double precision", nullable: true),
                    max = table.Column<double>(type: "double precision", nullable: true),
                    mean = table.Column<double>(type: "double precision", nullable: true),
                    std_dev = table.Column<double>(type: "double precision", nullable: true),
                    percentiles = table.Column<double[]>(type: "double precision[]", nullable: true),
                    approx_num_distinct_values = table.Column<long>(type: "bigint", nullable: false),
                    histogram = table.Column<long[]>(type: "bigint[]", nullable: false),
                    top_values = table.Column<string>(type: "jsonb", nullable: false),
                    correlation_with_outcome = table.Column<double>(type: "double precision", nullable: true),
                    sums_labelled = table.Column<long>(type: "bigint", nullable: false),
                    sums_labelled_square = table.Column<decimal>(type: "numeric", nullable: false),
                    sums_labelled_value = table.Column<decimal>(type: "numeric", nullable: false),
                    sums_square = table.Column<decimal>(type: "numeric", nullable: false),
                    sums_survivor_value = table.Column<decimal>(type: "numeric", nullable: false),
                    sums_survivors = table.Column<long>(type: "bigint", nullable: false),
                    sums_value = table.Column<decimal>(type: "numeric", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feature_statistics", x => new { x.scope, x.feature, x.commit_id });
                    table.ForeignKey(
                        name: "fk_feature_statistics_commits_commit_id",
                        column: x => x.commit_id,
                        principalTable: "commits",
                        principalColumn: "commit_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "training_datasets",
                columns: table => new
                {
                    training_dataset_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    view_name = table.Column<string>(type: "text", nullable: false),
                    view_version = table.Column<int>(type: "integer", nullable: false),
                    as_of_commit_id = table.Column<long>(type: "bigint", nullable: false),
                    known_before = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sources = table.Column<string[]>(type: "text[]", nullable: false),
                    split_salt = table.Column<string>(type: "text", nullable: false),
                    test_share = table.Column<double>(type: "double precision", nullable: false),
                    rows = table.Column<int>(type: "integer", nullable: false),
                    survivors = table.Column<int>(type: "integer", nullable: false),
                    sha256 = table.Column<string>(type: "character(64)", fixedLength: true, maxLength: 64, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    run_id = table.Column<long>(type: "bigint", nullable: true),
                    held_out_rows = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_training_datasets", x => x.training_dataset_id);
                    table.ForeignKey(
                        name: "fk_training_datasets_commits_as_of_commit_id",
                        column: x => x.as_of_commit_id,
                        principalTable: "commits",
                        principalColumn: "commit_id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_training_datasets_feature_views_view_name_view_version",
                        columns: x => new { x.view_name, x.view_version },
                        principalTable: "feature_views",
                        principalColumns: new[] { "name", "version" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_training_datasets_runs_run_id",
                        column: x => x.run_id,
                        principalTable: "runs",
                        principalColumn: "run_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "model_versions",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    algorithm = table.Column<string>(type: "text", nullable: false),
                    hyperparameters = table.Column<string>(type: "jsonb", nullable: false),
                    evaluations = table.Column<string>(type: "jsonb", nullable: false),
                    signature = table.Column<string>(type: "jsonb", nullable: false),
                    input_example = table.Column<string>(type: "jsonb", nullable: false),
                    artifact = table.Column<byte[]>(type: "bytea", nullable: false),
                    artifact_sha256 = table.Column<string>(type: "character(64)", fixedLength: true, maxLength: 64, nullable: false),
                    training_dataset_id = table.Column<long>(type: "bigint", nullable: true),
                    run_id = table.Column<long>(type: "bigint", nullable: true),
                    code_version = table.Column<string>(type: "text", nullable: false),
                    description = table.Column<string>(type: "text", nullable: false),
                    tags = table.Column<string>(type: "jsonb", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    gate = table.Column<string>(type: "jsonb", nullable: false),
                    comparison = table.Column<string>(type: "jsonb", nullable: true),
                    selection = table.Column<string>(type: "jsonb", nullable: true),
                    revision = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    cross_validated = table.Column<string>(type: "jsonb", nullable: true, computedColumnSql: "jsonb_path_query_first(evaluations, '$[*] ? (@.method like_regex \"cross-validation$\").metrics.accuracy')", stored: true),
                    left_one_out = table.Column<string>(type: "jsonb", nullable: true, computedColumnSql: "jsonb_path_query_first(evaluations, '$[*] ? (@.method == \"leave-one-out\").metrics.accuracy')", stored: true),
                    verdict = table.Column<string>(type: "text", nullable: true, computedColumnSql: "gate ->> 'verdict'", stored: true),
                    search_text = table.Column<string>(type: "text", nullable: true, computedColumnSql: "description || ' ' || algorithm || ' ' || tags::text", stored: true),
                    origin = table.Column<string>(type: "jsonb", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_model_versions", x => new { x.name, x.version });
                    table.CheckConstraint("ck_model_versions_rows_are_known", "training_dataset_id is not null or origin is not null");
                    table.ForeignKey(
                        name: "fk_model_versions_runs_run_id",
                        column: x => x.run_id,
                        principalTable: "runs",
                        principalColumn: "run_id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_model_versions_training_datasets_training_dataset_id",
                        column: x => x.training_dataset_id,
                        principalTable: "training_datasets",
                        principalColumn: "training_dataset_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "alias_assignments",
                columns: table => new
                {
                    alias_assignment_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    model_name = table.Column<string>(type: "text", nullable: false),
                    alias = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    assigned_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    assigned_by = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    evidence = table.Column<string>(type: "jsonb", nullable: true),
                    end_reason = table.Column<string>(type: "text", nullable: true),
                    ended_by = table.Column<string>(type: "text", nullable: true),
                    is_forced = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                    held = table.Column<string>(type: "tstzrange", nullable: true, computedColumnSql: "tstzrange(assigned_at, ended_at)", stored: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_alias_assignments", x => x.alias_assignment_id);
                    table.ForeignKey(
                        name: "fk_alias_assignments_model_versions_model_name_version",
                        columns: x => new { x.model_name, x.version },
                        principalTable: "model_versions",
                        principalColumns: new[] { "name", "version" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "imported_datasets",
                columns: table => new
                {
                    model_name = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    csv = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_imported_datasets", x => new { x.model_name, x.version });
                    table.ForeignKey(
                        name: "fk_imported_datasets_model_versions_model_name_version",
                        columns: x => new { x.model_name, x.version },
                        principalTable: "model_versions",
                        principalColumns: new[] { "name", "version" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "reproductions",
                columns: table => new
                {
                    reproduction_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    model_name = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    reproduced_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    duration = table.Column<TimeSpan>(type: "interval", nullable: false),
                    asked_by = table.Column<string>(type: "text", nullable: false),
                    run_id = table.Column<long>(type: "bigint", nullable: true),
                    audit_date = table.Column<DateOnly>(type: "date", nullable: true),
                    code_version = table.Column<string>(type: "text", nullable: false),
                    platform = table.Column<string>(type: "text", nullable: false),
                    vector_bits = table.Column<int>(type: "integer", nullable: false),
                    verdict = table.Column<string>(type: "text", nullable: false),
                    summary = table.Column<string>(type: "text", nullable: false),
                    differences = table.Column<string[]>(type: "text[]", nullable: false),
                    left_out = table.Column<string>(type: "text", nullable: true),
                    dataset_sha256 = table.Column<string>(type: "character(64)", fixedLength: true, maxLength: 64, nullable: false),
                    read_dataset_sha256 = table.Column<string>(type: "character(64)", fixedLength: true, maxLength: 64, nullable: true),
                    registered_sha256 = table.Column<string>(type: "character(64)", fixedLength: true, maxLength: 64, nullable: false),
                    stored_sha256 = table.Column<string>(type: "character(64)", fixedLength: true, maxLength: 64, nullable: false),
                    reproduced_sha256 = table.Column<string>(type: "character(64)", fixedLength: true, maxLength: 64, nullable: true),
                    figures_compared = table.Column<int>(type: "integer", nullable: false),
                    figures_different = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_reproductions", x => x.reproduction_id);
                    table.ForeignKey(
                        name: "fk_reproductions_model_versions_model_name_version",
                        columns: x => new { x.model_name, x.version },
                        principalTable: "model_versions",
                        principalColumns: new[] { "name", "version" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_reproductions_runs_run_id",
                        column: x => x.run_id,
                        principalTable: "runs",
                        principalColumn: "run_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.InsertData(
                table: "feature_views",
                columns: new[] { "name", "version", "description", "encoder_id", "feature_group", "feature_group_version", "features", "label", "schema_sha256" },
                values: new object[,]
                {
                    { "titanic_binned", 1, "The original's four codes: class, sex, age group and fare band; 396 possible inputs.", "titanic_binned/1", "titanic_passengers", 1, new[] { "pclass", "sex", "age_group", "fare_band" }, "survived", "ae133ac5d661e77892d3317944152d8eae7f4e7387512777755a323e8f191428" },
                    { "titanic_numeric", 1, "Class, sex, age in years and the logarithm of the fare; medians of history for what is missing.", "titanic_numeric/1", "titanic_passengers", 1, new[] { "pclass", "sex", "age", "log_fare" }, "survived", "2108ea02733a7a64b8d2cdd4a144e9f9a7811d39b8baed93c849c354362d340e" }
                });

            migrationBuilder.CreateIndex(
                name: "ix_alias_assignments_model_name_alias",
                table: "alias_assignments",
                columns: new[] { "model_name", "alias" },
                filter: "ended_at is null");

            migrationBuilder.CreateIndex(
                name: "ix_alias_assignments_model_name_alias_alias_assignment_id",
                table: "alias_assignments",
                columns: new[] { "model_name", "alias", "alias_assignment_id" });

            migrationBuilder.CreateIndex(
                name: "ix_alias_assignments_model_name_version",
                table: "alias_assignments",
                columns: new[] { "model_name", "version" });

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_name",
                schema: "access",
                table: "api_keys",
                column: "name",
                unique: true,
                filter: "revoked_at is null");

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_sha256",
                schema: "access",
                table: "api_keys",
                column: "sha256",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_log_at",
                schema: "access",
                table: "audit_log",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_commits_run_id",
                table: "commits",
                column: "run_id");

            migrationBuilder.CreateIndex(
                name: "ix_commits_validation_id",
                table: "commits",
                column: "validation_id");

            migrationBuilder.CreateIndex(
                name: "ix_daily_answers_last_prediction_id",
                table: "daily_answers",
                column: "last_prediction_id");

            migrationBuilder.CreateIndex(
                name: "ix_daily_performance_as_of_commit_id",
                table: "daily_performance",
                column: "as_of_commit_id");

            migrationBuilder.CreateIndex(
                name: "ix_feature_statistics_commit_id",
                table: "feature_statistics",
                column: "commit_id");

            migrationBuilder.CreateIndex(
                name: "ix_feature_values_scope_feature_rows",
                table: "feature_values",
                columns: new[] { "scope", "feature", "rows" });

            migrationBuilder.CreateIndex(
                name: "ix_keyed_answers_created_at",
                table: "keyed_answers",
                column: "created_at");

            migrationBuilder.CreateIndex(
                name: "ix_model_versions_run_id",
                table: "model_versions",
                column: "run_id");

            migrationBuilder.CreateIndex(
                name: "ix_model_versions_training_dataset_id",
                table: "model_versions",
                column: "training_dataset_id");

            migrationBuilder.CreateIndex(
                name: "ix_outcomes_commit_id",
                table: "outcomes",
                column: "commit_id")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(
                name: "ix_outcomes_passenger_id",
                table: "outcomes",
                column: "passenger_id",
                unique: true,
                filter: "superseded_by is null");

            migrationBuilder.CreateIndex(
                name: "ix_outcomes_superseded_by",
                table: "outcomes",
                column: "superseded_by",
                filter: "superseded_by is not null");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_commit_id",
                table: "passengers",
                column: "commit_id")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_ended_key",
                table: "passengers",
                columns: new[] { "source", "source_key" },
                filter: "superseded_by is not null");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_event_time",
                table: "passengers",
                column: "event_time",
                filter: "superseded_by is null");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_historical",
                table: "passengers",
                columns: new[] { "pclass", "sex" },
                filter: "source = 'titanic3'");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_source_source_key",
                table: "passengers",
                columns: new[] { "source", "source_key" },
                unique: true,
                filter: "superseded_by is null");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_superseded_by",
                table: "passengers",
                column: "superseded_by",
                filter: "superseded_by is not null");

            migrationBuilder.CreateIndex(
                name: "ix_prediction_feedback_kind_feedback_id",
                table: "prediction_feedback",
                columns: new[] { "kind", "feedback_id" });

            migrationBuilder.CreateIndex(
                name: "ix_prediction_feedback_prediction_id_reader",
                table: "prediction_feedback",
                columns: new[] { "prediction_id", "reader" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_predictions_logical_date_prediction_id",
                table: "predictions",
                columns: new[] { "logical_date", "prediction_id" });

            migrationBuilder.CreateIndex(
                name: "ix_predictions_model_name_model_version",
                table: "predictions",
                columns: new[] { "model_name", "model_version" },
                filter: "passenger_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_predictions_passenger_id",
                table: "predictions",
                column: "passenger_id",
                unique: true,
                filter: "passenger_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_predictions_run_id",
                table: "predictions",
                column: "run_id",
                filter: "run_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_predictions_source_prediction_id",
                table: "predictions",
                columns: new[] { "source", "prediction_id" });

            migrationBuilder.CreateIndex(
                name: "ix_rejected_rows_validation_id_line",
                table: "rejected_rows",
                columns: new[] { "validation_id", "line" });

            migrationBuilder.CreateIndex(
                name: "ix_reproductions_model_name_version_audit_date",
                table: "reproductions",
                columns: new[] { "model_name", "version", "audit_date" },
                filter: "audit_date is not null");

            migrationBuilder.CreateIndex(
                name: "ix_reproductions_model_name_version_reproduction_id",
                table: "reproductions",
                columns: new[] { "model_name", "version", "reproduction_id" });

            migrationBuilder.CreateIndex(
                name: "ix_reproductions_run_id",
                table: "reproductions",
                column: "run_id");

            migrationBuilder.CreateIndex(
                name: "ix_role_claims_role_id",
                schema: "access",
                table: "role_claims",
                column: "role_id");

            migrationBuilder.CreateIndex(
                name: "RoleNameIndex",
                schema: "access",
                table: "roles",
                column: "normalized_name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_run_log_run_id_run_log_line_id",
                table: "run_log",
                columns: new[] { "run_id", "run_log_line_id" });

            migrationBuilder.CreateIndex(
                name: "ix_runs_job_id",
                table: "runs",
                column: "job_id",
                filter: "job_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_runs_pipeline",
                table: "runs",
                column: "pipeline",
                filter: "status = 'Running'");

            migrationBuilder.CreateIndex(
                name: "ix_runs_pipeline_logical_date",
                table: "runs",
                columns: new[] { "pipeline", "logical_date" });

            migrationBuilder.CreateIndex(
                name: "ix_training_datasets_as_of_commit_id",
                table: "training_datasets",
                column: "as_of_commit_id");

            migrationBuilder.CreateIndex(
                name: "ix_training_datasets_run_id",
                table: "training_datasets",
                column: "run_id");

            migrationBuilder.CreateIndex(
                name: "ix_training_datasets_view_name_view_version",
                table: "training_datasets",
                columns: new[] { "view_name", "view_version" });

            migrationBuilder.CreateIndex(
                name: "ix_user_claims_user_id",
                schema: "access",
                table: "user_claims",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_user_logins_user_id",
                schema: "access",
                table: "user_logins",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_user_roles_role_id",
                schema: "access",
                table: "user_roles",
                column: "role_id");

            migrationBuilder.CreateIndex(
                name: "EmailIndex",
                schema: "access",
                table: "users",
                column: "normalized_email");

            migrationBuilder.CreateIndex(
                name: "UserNameIndex",
                schema: "access",
                table: "users",
                column: "normalized_user_name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_validation_reports_run_id",
                table: "validation_reports",
                column: "run_id");

            migrationBuilder.Sql(NameOfRenamedColumn);
            migrationBuilder.Sql(OneHolderAtAnyInstant);
            migrationBuilder.Sql(VersionListIndexes);
            migrationBuilder.Sql(ReferencesCheckedPerStatement);
            migrationBuilder.Sql(RowsThatNeverChange);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "alias_assignments");

            migrationBuilder.DropTable(
                name: "api_keys",
                schema: "access");

            migrationBuilder.DropTable(
                name: "audit_log",
                schema: "access");

            migrationBuilder.DropTable(
                name: "daily_answers");

            migrationBuilder.DropTable(
                name: "daily_performance");

            migrationBuilder.DropTable(
                name: "data_protection_keys",
                schema: "access");

            migrationBuilder.DropTable(
                name: "feature_statistics");

            migrationBuilder.DropTable(
                name: "feature_values");

            migrationBuilder.DropTable(
                name: "imported_datasets");

            migrationBuilder.DropTable(
                name: "keyed_answers");

            migrationBuilder.DropTable(
                name: "outcomes");

            migrationBuilder.DropTable(
                name: "passengers");

            migrationBuilder.DropTable(
                name: "prediction_feedback");

            migrationBuilder.DropTable(
                name: "rejected_rows");

            migrationBuilder.DropTable(
                name: "reproductions");

            migrationBuilder.DropTable(
                name: "role_claims",
                schema: "access");

            migrationBuilder.DropTable(
                name: "run_log");

            migrationBuilder.DropTable(
                name: "setup_progress");

            migrationBuilder.DropTable(
                name: "user_claims",
                schema: "access");

            migrationBuilder.DropTable(
                name: "user_logins",
                schema: "access");

            migrationBuilder.DropTable(
                name: "user_roles",
                schema: "access");

            migrationBuilder.DropTable(
                name: "user_tokens",
                schema: "access");

            migrationBuilder.DropTable(
                name: "predictions");

            migrationBuilder.DropTable(
                name: "model_versions");

            migrationBuilder.DropTable(
                name: "roles",
                schema: "access");

            migrationBuilder.DropTable(
                name: "users",
                schema: "access");

            migrationBuilder.DropTable(
                name: "training_datasets");

            migrationBuilder.DropTable(
                name: "commits");

            migrationBuilder.DropTable(
                name: "feature_views");

            migrationBuilder.DropTable(
                name: "validation_reports");

            migrationBuilder.DropTable(
                name: "runs");

            migrationBuilder.DropSequence(
                name: "passenger_ids");

            migrationBuilder.Sql(DropFunctions);
        }
    }
}
