using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Pages.Runs;

/// <summary>The runs of all pipelines, newest first, one page at a time, with filters.</summary>
public sealed class RunListModel(RunReader runs) : OperatorPageModel
{
    private const int RowsPerPage = 50;

    /// <summary>Page cursor: only runs with a smaller number. Null: the newest.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    public RunFilter Filter { get; private set; } = new();

    /// <summary>One error message for each invalid parameter, by name.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; private set; } = new Dictionary<string, string>();
    public IReadOnlyList<Run> Runs { get; private set; } = [];
    public long? NextBefore { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        (Filter, var problems) = RunFilter.Parse(name => Request.Query[name]);
        Problems = ModelState.IsValid
            ? problems
            : new Dictionary<string, string>(problems) { ["before"] = ErrorText.Invalid("The parameter before", Request.Query["before"].ToString(), "a whole number") };
        if (Problems.Count > 0)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var found = await runs.Read(Filter, Before, RowsPerPage + 1, MayOperate, cancellationToken);
        Runs = [.. found.Take(RowsPerPage)];
        NextBefore = found.Count > RowsPerPage ? Runs[^1].RunId : null;
    }

    /// <summary>The URL of the list with this filter.</summary>
    public string Address(long? before = null) => Url.Page("/Runs/List", new
    {
        pipeline = Filter.Pipeline,
        status = Filter.Status?.ToString().ToLowerInvariant(),
        trigger = Filter.Trigger?.ToString().ToLowerInvariant(),
        kind = Filter.IsUpload switch { true => RunFilter.Upload, false => RunFilter.Pipelines, null => null },
        date = Filter.Date is { } date ? Format.Date(date) : null,
        search = Filter.Search,
        before,
    })!;
}
