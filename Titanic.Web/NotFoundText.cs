using Titanic.Web.Passengers;

namespace Titanic.Web;

/// <summary>
/// The sentences about things that do not exist: one form at every entry point (pages, API, command line), with the places that list what
/// exists.
/// </summary>
internal static class NotFoundText
{
    public static string Commit(long id) => Of($"commit {id}", "/features", "/api/commits", "commits");

    public static string Alert(long id) => Of($"alert {id}", "/alerts", "/api/alerts", "alerts");

    public static string Run(long id) => Of($"run {id}", "/runs", "/api/runs", "runs");

    public static string Prediction(long id) => Of($"prediction {id}", "/predictions", "/api/predictions", "predictions");

    public static string Feedback(long id) => Of($"feedback entry {id}", "/predictions/feedback", "/api/feedback", "feedback entries");

    public static string ValidationReport(long id) =>
        Of($"validation report {id}", "/features/validations", null, "validation reports");

    public static string TrainingDataset(long id) =>
        Of($"training dataset {id}", "/features/datasets", "/api/training-datasets", "training datasets");

    public static string Passenger(string source, string key) =>
        Of($"passenger \"{Excerpt.Truncate(source)}/{Excerpt.Truncate(key)}\"", "/features/passengers", "/api/passengers", "passengers");

    /// <param name="version">The number as text, which can be greater than any number.</param>
    /// <param name="model">The name of the model.</param>
    public static string ModelVersion(string version, string model) =>
        Of($"version {Excerpt.Truncate(version)} of {model}", "/models", "/api/models", "versions");

    private static string Of(string what, string page, string? api, string all) =>
        $"There is no {what}; the page {page} {(api is null ? "lists" : $"and GET {api} list")} the {all}.";
}
