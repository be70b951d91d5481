using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>The links below a paged list: to the first page and to the next, "Newest" and "Older" or "First" and "Next".</summary>
[HtmlTargetElement("pager", TagStructure = TagStructure.WithoutEndTag)]
public sealed class PagerTagHelper : TagHelper
{
    /// <summary>For example "Pages of commits".</summary>
    public string Label { get; set; } = "";

    /// <summary>The URL of the first page. Null or empty: the current page is the first.</summary>
    public string? First { get; set; }

    /// <summary>The URL of the next page. Null or empty: the current page is the last.</summary>
    public string? Next { get; set; }

    /// <summary>Whether the list is ordered by time, newest first; otherwise by key. Default: true.</summary>
    public bool ByTime { get; set; } = true;

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "nav";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "d-flex gap-2 mb-3");
        output.Attributes.SetAttribute("aria-label", Label);
        if (!string.IsNullOrEmpty(First))
            output.Content.AppendFormat("""<a class="btn btn-outline-secondary" href="{0}">{1}</a>""", First, ByTime ? "Newest" : "First");
        if (!string.IsNullOrEmpty(Next))
            output.Content.AppendFormat("""<a class="btn btn-outline-secondary" href="{0}" rel="next">{1}</a>""", Next, ByTime ? "Older" : "Next");
    }
}
